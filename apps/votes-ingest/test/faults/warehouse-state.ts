import { controlTotalNames } from '@sluice/schemas';
import type { CheckResult } from '@sluice/schemas';
import { WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { openForReading } from '../../src/warehouse/open-warehouse.ts';
import { runLedgerChecks } from '../../src/warehouse/status.ts';

/**
 * What a warehouse holds, in terms that do not depend on how often and by which runs it was made:
 * two warehouses with equal states hold the same data, with the same history.
 */
export interface WarehouseState {
  readonly rows: number;
  readonly distinctIds: number;
  /** Of all rows in the order of their Ids: all columns, and the path of the row's file. */
  readonly rowsHash: string;
  /** The files that were looked at, with their control totals, by path. */
  readonly files: readonly string[];
  /** Everything else in the ledger, as sorted lines of JSON. */
  readonly conflicts: readonly string[];
  readonly overlaps: readonly string[];
  readonly acceptedLines: readonly string[];
  readonly openQuarantine: readonly string[];
  readonly drift: readonly string[];
  /** What was found of each file, with the keys that are kept. */
  readonly checkResults: readonly string[];
  readonly failedChecks: readonly CheckResult[];
}

/** The state of what was never made, or has nothing in it yet. */
export const emptyState: WarehouseState = {
  rows: 0,
  distinctIds: 0,
  rowsHash: '',
  files: [],
  conflicts: [],
  overlaps: [],
  acceptedLines: [],
  openQuarantine: [],
  drift: [],
  checkResults: [],
  failedChecks: [],
};

/** A run in the ledger. */
export interface LedgerRun {
  readonly outcome: string;
  readonly processId: number;
  readonly error: string | null;
}

/** What a warehouse holds, and the runs that brought it there, in the order in which they ended. */
export interface WarehouseReading {
  readonly state: WarehouseState;
  readonly runs: readonly LedgerRun[];
}

/**
 * All entries of files that were ingested, and of those that were refused the newest: they are
 * looked at again by every run, and their older entries are superseded.
 */
const entries = `
  (from ops.file where outcome in ('ingested', 'refused')
    qualify outcome = 'ingested'
         or row_number() over (partition by path, outcome order by file_id desc) = 1)`;

/**
 * Reads all of a warehouse as it lies there, opened as every command that reads opens it.
 *
 * @throws {WarehouseError} of what is wrong with it; one without any votes yet is only empty.
 */
export async function readWarehouseState(path: string): Promise<WarehouseReading> {
  let warehouse: DuckDbWarehouse;
  try {
    warehouse = await openForReading({ path, lockTimeoutMs: 10_000 });
  } catch (error) {
    if (error instanceof WarehouseError && error.code === 'MISSING') {
      return { state: emptyState, runs: [] };
    }
    throw error;
  }
  try {
    return { state: await readTables(warehouse), runs: await readRuns(warehouse) };
  } finally {
    warehouse.close();
  }
}

async function readTables(warehouse: DuckDbWarehouse): Promise<WarehouseState> {
  const table = await warehouse.row(
    z.object({ rows: z.int(), distinctIds: z.int(), rowsHash: z.string() }),
    `select count(*) as rows, count(distinct Id) as distinctIds,
            coalesce(md5(string_agg(
              concat_ws(',', Id, PostId, VoteTypeId, coalesce(UserId, -2), epoch_us(CreationDate),
                        coalesce(BountyAmount, -1), path), ';' order by Id)), '') as rowsHash
       from blog_analysis.votes left join ops.file on file_id = FileId`,
  );
  const lines = async (columns: string, relation: string): Promise<string[]> => {
    const rows = await warehouse.rows(
      z.object({ line: z.string() }),
      `select to_json({${columns}})::varchar as line from ${relation} order by line`,
    );
    return rows.map(({ line }) => line);
  };
  const totals = controlTotalNames.map((name) => `'${name}': ${name}`).join(', ');
  const checks = await runLedgerChecks(warehouse);
  return {
    ...table,
    files: await lines(
      `'path': path, 'outcome': outcome, 'sha256': sha256, 'bytes': bytes, ${totals},
       'error': error`,
      entries,
    ),
    conflicts: await lines(
      `'key': key, 'policy': policy, 'winner': winner, 'loser': loser,
       'winnerPath': w.path, 'winnerLine': winner_line,
       'loserPath': l.path, 'loserLine': loser_line`,
      `ops.conflict join ops.file w on w.file_id = winner_file_id
                    join ops.file l on l.file_id = loser_file_id`,
    ),
    overlaps: await lines(
      `'path': f.path, 'holder': h.path, 'duplicate': o.duplicate, 'conflicting': o.conflicting`,
      `ops.overlap o join ops.file f using (file_id)
                     join ops.file h on h.file_id = holder_file_id`,
    ),
    acceptedLines: await lines(
      `'path': path, 'sequence': sequence, 'first': first_line, 'count': line_count`,
      'ops.accepted_lines join ops.file using (file_id)',
    ),
    openQuarantine: await lines(
      `'path': path, 'line': line, 'reason': reason, 'message': message,
       'raw': coalesce(raw, raw_base64), 'bytes': raw_bytes, 'sha256': raw_sha256`,
      `ops.quarantine join ops.file using (file_id) where state = 'open'`,
    ),
    drift: await lines(
      `'path': path, 'kind': kind, 'value': value, 'count': count`,
      `ops.drift join ${entries} using (file_id)`,
    ),
    checkResults: await lines(
      `'path': path, 'check': check_id, 'outcome': result.outcome, 'failing': failing,
       'keys': (select count(*) from ops.check_failure as f where f.result_id = result.result_id)`,
      `ops.check_result as result join ${entries} as file on scope = format('"FileId" = {}', file_id)`,
    ),
    failedChecks: checks.filter(({ outcome }) => outcome === 'failed'),
  };
}

async function readRuns(warehouse: DuckDbWarehouse): Promise<LedgerRun[]> {
  return warehouse.rows(
    z.object({ outcome: z.string(), processId: z.int(), error: z.string().nullable() }),
    `select outcome, process_id as processId, error from ops.run order by ended_at nulls last, started_at, run_id`,
  );
}
