import type { ControlTotals, RunOutcome, RunReport } from '@sluice/schemas';
import { controlTotalNames, driftSchema, fileReportSchema, runOutcomes } from '@sluice/schemas';
import { hostname } from 'node:os';
import { z } from 'zod';

import type { DuckDbWarehouse } from './duckdb-warehouse.ts';

/** What is known of a run when it begins. */
export interface StartedRun {
  /** UUIDv7. */
  readonly runId: string;
  readonly dataset: string;
  readonly command: string;
  readonly appVersion: string;
  readonly contractVersion: string;
  readonly startedAt: Date;
}

/** The sums of the six control totals over a table that has them as columns. */
export const sumOfTotals = controlTotalNames
  .map((name) => `coalesce(sum(${name}), 0)::bigint as ${name}`)
  .join(', ');

/**
 * Writes a run into the ledger, and marks as `abandoned` every run that the ledger still calls
 * running: the writer is alone with its file, so their processes are dead. Gives the ids of those.
 */
export async function startRun(warehouse: DuckDbWarehouse, run: StartedRun): Promise<string[]> {
  return warehouse.transaction(async () => {
    const abandoned = await warehouse.rows(
      z.object({ run_id: z.string() }),
      `update ops.run set outcome = 'abandoned', ended_at = $1::timestamptz
        where outcome = 'running' returning run_id::varchar as run_id`,
      [run.startedAt.toISOString()],
    );
    await warehouse.run(
      `insert into ops.run
         (run_id, dataset, command, app_version, contract_version, process_id, host, started_at,
          outcome)
       values ($1::uuid, $2, $3, $4, $5, $6::integer, $7, $8::timestamptz, 'running')`,
      [
        run.runId,
        run.dataset,
        run.command,
        run.appVersion,
        run.contractVersion,
        process.pid,
        hostname(),
        run.startedAt.toISOString(),
      ],
    );
    return abandoned.map((row) => row.run_id);
  });
}

/** Writes how a run ended. */
export async function endRun(
  warehouse: DuckDbWarehouse,
  end: {
    readonly runId: string;
    readonly outcome: Exclude<RunOutcome, 'running'>;
    readonly endedAt: Date;
    readonly error?: string | undefined;
  },
): Promise<void> {
  await warehouse.run(
    `update ops.run set outcome = $2, ended_at = $3::timestamptz, error = $4
      where run_id = $1::uuid`,
    [end.runId, end.outcome, end.endedAt.toISOString(), end.error ?? null],
  );
}

const runRowSchema = z.object({
  run_id: z.string(),
  command: z.string(),
  outcome: z.enum(runOutcomes),
  started_at: z.date(),
  ended_at: z.date().nullable(),
  app_version: z.string(),
  contract_version: z.string(),
  error: z.string().nullable(),
});

/**
 * The newest runs, newest first. A run that is still called running by a warehouse which this
 * process may open is dead, so it is shown as `abandoned`, unless it is `currentRunId`.
 */
export async function readRuns(
  warehouse: DuckDbWarehouse,
  options: {
    readonly limit: number;
    /** The first files of each run. */
    readonly filesPerRun: number;
    /** The kinds of drift of each run that were met most often. */
    readonly driftPerRun: number;
    readonly currentRunId?: string | undefined;
  },
): Promise<RunReport[]> {
  const runs = await warehouse.rows(
    runRowSchema,
    `select run_id::varchar as run_id, command, outcome, started_at, ended_at, app_version,
            contract_version, error
       from ops.run order by started_at desc, run_id desc limit $1::bigint`,
    [options.limit],
  );
  const reports: RunReport[] = [];
  for (const run of runs) {
    const files = await readFiles(warehouse, run.run_id, options.filesPerRun);
    const drift = await readDrift(warehouse, run.run_id, options.driftPerRun);
    const leftOut = {
      files: files.total - files.shown.length,
      drift: drift.total - drift.shown.length,
    };
    const isDead = run.outcome === 'running' && run.run_id !== options.currentRunId;
    reports.push({
      runId: run.run_id,
      command: run.command,
      outcome: isDead ? 'abandoned' : run.outcome,
      startedAt: run.started_at.toISOString(),
      endedAt: run.ended_at?.toISOString() ?? null,
      appVersion: run.app_version,
      contractVersion: run.contract_version,
      error: run.error,
      totals: await warehouse.row(
        totalsRowSchema,
        `select ${sumOfTotals} from ops.file where run_id = $1::uuid`,
        [run.run_id],
      ),
      files: files.shown,
      drift: drift.shown,
      ...(leftOut.files + leftOut.drift === 0 ? {} : { leftOut }),
    });
  }
  return reports;
}

const totalsRowSchema: z.ZodType<ControlTotals> = z.object({
  read: z.int(),
  accepted: z.int(),
  duplicate: z.int(),
  conflicting: z.int(),
  quarantined: z.int(),
  refused: z.int(),
});

const totalSchema = z.object({ total: z.int() });

const fileRowSchema = fileReportSchema
  .extend({ error: z.string().nullable() })
  .transform(({ error, ...file }) => (error === null ? file : { ...file, error }));

async function readFiles(warehouse: DuckDbWarehouse, runId: string, limit: number) {
  return {
    ...(await warehouse.row(
      totalSchema,
      'select count(*) as total from ops.file where run_id = $1::uuid',
      [runId],
    )),
    shown: await warehouse.rows(
      fileRowSchema,
      `select path, sha256, bytes, outcome, error, ${controlTotalNames.join(', ')}
         from ops.file where run_id = $1::uuid order by file_id limit $2::bigint`,
      [runId, limit],
    ),
  };
}

async function readDrift(warehouse: DuckDbWarehouse, runId: string, limit: number) {
  return {
    ...(await warehouse.row(
      totalSchema,
      'select count(distinct (kind, value)) as total from ops.drift where run_id = $1::uuid',
      [runId],
    )),
    shown: await warehouse.rows(
      driftSchema,
      `select kind, value, count from (
         select kind, value, sum(count)::bigint as count from ops.drift
          where run_id = $1::uuid group by kind, value
          order by count desc, kind, value limit $2::bigint)
        order by kind, count desc, value`,
      [runId, limit],
    ),
  };
}
