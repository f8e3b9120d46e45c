import {
  controlTotalsSchema,
  entryReasons,
  fileOutcomes,
  quarantineCountsSchema,
  quarantineStates,
  totalsAreBalanced,
  warehouseStatusLimits,
} from '@sluice/schemas';
import type { CheckResult, QuarantineCounts, WarehouseStatus } from '@sluice/schemas';
import { readRuns, sumOfTotals, writeStatusFile } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';

import { readArrivalStatus } from '../file-coverage/arrival-status.ts';
import type { ArrivalSettings } from '../file-coverage/arrival-status.ts';
import { contractVersion } from '../ingest/record-loader.ts';
import { readNewestResults } from '../quality/read-results.ts';
import { appVersion } from '../version.ts';
import { boundStatus } from './bound-status.ts';
import { readContents } from './open-warehouse.ts';

/**
 * Ends a command that wrote: what was committed is moved into the database file, and the status file
 * beside it is replaced. The checks it carries are given back.
 */
export async function checkpointAndReport(
  warehouse: DuckDbWarehouse,
  now: Date,
  expected: ArrivalSettings = {},
): Promise<readonly CheckResult[]> {
  await warehouse.run('checkpoint');
  const status = boundStatus(await collectStatus(warehouse, now, expected));
  await writeStatusFile(warehouse.path, status);
  return status.checks;
}

/** The status of an open warehouse, as of now; to be written, it must be bounded first. */
export async function collectStatus(
  warehouse: DuckDbWarehouse,
  now: Date,
  expected: ArrivalSettings = {},
): Promise<WarehouseStatus> {
  const contents = await readContents(warehouse);
  const arrivals = await readArrivalStatus(warehouse, expected, now);
  const { size } = await stat(warehouse.path);
  return {
    schemaVersion: 1,
    dataset: 'votes',
    writtenAt: now.toISOString(),
    appVersion,
    contractVersion,
    warehouse: { file: basename(warehouse.path), sizeBytes: size },
    contents,
    totals: await warehouse.row(controlTotalsSchema, `select ${sumOfTotals} from ops.file`),
    runsByOutcome: await warehouse.row(
      z.object({ succeeded: z.int(), failed: z.int(), abandoned: z.int() }),
      `select count(*) filter (outcome = 'succeeded') as succeeded,
              count(*) filter (outcome = 'failed') as failed,
              count(*) filter (outcome = 'abandoned') as abandoned from ops.run`,
    ),
    filesByOutcome: await countBy(warehouse, fileOutcomes, 'outcome', 'ops.file'),
    openQuarantine: {
      ...(await readOpenQuarantine(warehouse)),
      byReason: await countBy(
        warehouse,
        entryReasons,
        'reason',
        `(from ops.quarantine where state = 'open')`,
      ),
    },
    quarantine: await countQuarantine(warehouse),
    freshness: await readFreshness(warehouse),
    checks: await runLedgerChecks(warehouse),
    quality: await readNewestResults(warehouse),
    ...(arrivals === undefined ? {} : { arrivals }),
    runs: await readRuns(warehouse, {
      ...warehouseStatusLimits,
      limit: warehouseStatusLimits.runs,
    }),
  };
}

/**
 * The sums that must always hold: every record read is accounted for, file by file, and the rows
 * that were accepted and not taken out again are the rows of the table.
 */
export async function runLedgerChecks(warehouse: DuckDbWarehouse): Promise<CheckResult[]> {
  const totals = await warehouse.row(
    controlTotalsSchema.extend({ unbalanced: z.int(), unloaded: z.int(), rows: z.int() }),
    `select ${sumOfTotals},
            count(*) filter (
              read <> accepted + duplicate + conflicting + quarantined + refused) as unbalanced,
            coalesce(sum(unloaded_rows), 0)::bigint as unloaded,
            (select count(*) from blog_analysis.votes) as rows
       from ops.file`,
  );
  const kept = totals.accepted - totals.unloaded;
  return [
    {
      id: 'ledger.balanced',
      outcome: totals.unbalanced === 0 && totalsAreBalanced(totals) ? 'passed' : 'failed',
      message: `${totals.unbalanced} files whose control totals do not add up`,
    },
    {
      id: 'ledger.rows',
      outcome: kept === totals.rows ? 'passed' : 'failed',
      message: `${totals.rows} rows in the table, ${kept} by the ledger`,
    },
  ];
}

async function countBy<Name extends string>(
  warehouse: DuckDbWarehouse,
  names: readonly Name[],
  column: 'outcome' | 'reason',
  relation: string,
): Promise<Record<Name, number>> {
  const rows = await warehouse.rows(
    z.object({ name: z.enum(names), count: z.int() }),
    `select ${column} as name, count(*) as count from ${relation} group by ${column}`,
  );
  const counts = new Map(rows.map((row) => [row.name as string, row.count]));
  const entries = names.map((name) => [name, counts.get(name) ?? 0] as const);
  // The entries have exactly the names that were asked for.
  return Object.fromEntries(entries) as Record<Name, number>;
}

const instantSchema = z
  .date()
  .nullable()
  .transform((instant) => instant?.toISOString() ?? null);

async function readOpenQuarantine(warehouse: DuckDbWarehouse) {
  return warehouse.row(
    z.object({ entries: z.int(), oldestAt: instantSchema }),
    `select count(*) as entries, min(created_at) as oldestAt
       from ops.quarantine where state = 'open'`,
  );
}

/** All entries by reason and state; a reason that none has is left out. */
async function countQuarantine(warehouse: DuckDbWarehouse): Promise<QuarantineCounts> {
  const rows = await warehouse.rows(
    z.object({ reason: z.string(), counts: z.string() }),
    `select reason, to_json({${quarantineStates
      .map((state) => `'${state}': count(*) filter (state = '${state}')`)
      .join(', ')}})::varchar as counts
       from ops.quarantine group by reason order by reason`,
  );
  return quarantineCountsSchema.parse(
    Object.fromEntries(rows.map(({ reason, counts }) => [reason, JSON.parse(counts)])),
  );
}

async function readFreshness(warehouse: DuckDbWarehouse) {
  return warehouse.row(
    z.object({ newestVoteAt: z.string().nullable(), lastSucceededAt: instantSchema }),
    `select (select strftime(max(CreationDate), '%Y-%m-%dT%H:%M:%S.%fZ')
               from blog_analysis.votes) as newestVoteAt,
            (select max(ended_at) from ops.run
               where outcome = 'succeeded' and command <> 'check') as lastSucceededAt`,
  );
}
