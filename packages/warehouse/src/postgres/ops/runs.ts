import { hostname } from 'node:os';
import { z } from 'zod';

import { isRunning, ownMark } from '../embedded/process-mark.ts';
import type { Queryable } from '../postgres-transaction.ts';

/** What is known of a run when it begins. */
export interface PostgresRunStart {
  /** UUIDv7. */
  readonly runId: string;
  /** `jao-scraper`, for instance. */
  readonly app: string;
  readonly command: string;
  /** The one dataset it is about, where it is one. */
  readonly dataset?: string | undefined;
  readonly appVersion: string;
  readonly contractVersion: string;
  /** A run that has not said for so long that it lives is taken for dead. */
  readonly heartbeatTtlMs: number;
}

/** The control totals of a run: read is the sum of the others. */
export const postgresTotalNames = [
  'read',
  'accepted',
  'duplicate',
  'conflicting',
  'quarantined',
  'refused',
  'unchanged',
] as const;
export type PostgresRunTotals = Readonly<Record<(typeof postgresTotalNames)[number], number>>;

/** How a run ended. */
export interface PostgresRunEnd {
  readonly runId: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly totals: PostgresRunTotals;
  readonly error?: string | undefined;
}

/**
 * Writes a run into the ledger, and ends those that have died: their runs and attempts become
 * `abandoned`, and their claims and leases free. Gives the ids of the dead runs. Dead is whose
 * process on this host is gone, and whose heartbeat is too old by the clock of the database.
 */
export async function startPostgresRun(db: Queryable, run: PostgresRunStart): Promise<string[]> {
  const host = hostname();
  const goneRunIds = await findGoneRuns(db, host);
  const dead = await db.rows(
    z.object({ runId: z.string() }),
    `with dead as (
       update ops.run set outcome = 'abandoned', ended_at = clock_timestamp()
        where outcome = 'running'
          and (run_id = any($10::uuid[])
               or heartbeat_at < clock_timestamp() - make_interval(secs => $9::float8 / 1000))
       returning run_id
     ), attempts as (
       update ops.attempt a set outcome = 'abandoned', ended_at = clock_timestamp()
         from dead where a.run_id = dead.run_id and a.outcome = 'running'
     ), claims as (
       update ops.claim c set claimed_until = clock_timestamp()
         from dead where c.run_id = dead.run_id and c.claimed_until > clock_timestamp()
     ), leases as (
       update ops.lease l set leased_until = clock_timestamp()
         from dead where l.run_id = dead.run_id and l.leased_until > clock_timestamp()
     ), started as (
       insert into ops.run (run_id, app, command, dataset, app_version, contract_version, host,
                            process_id, process_mark)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $11)
       on conflict (run_id) do nothing
     )
     select run_id as "runId" from dead`,
    [
      run.runId,
      run.app,
      run.command,
      run.dataset ?? null,
      run.appVersion,
      run.contractVersion,
      host,
      process.pid,
      run.heartbeatTtlMs,
      goneRunIds,
      ownMark(),
    ],
  );
  return dead.map(({ runId }) => runId);
}

/**
 * Says that a run lives, also where another has taken it for dead meanwhile, and what it has done so
 * far: if it dies, that is what remains on record. Gives whether it was there to say it of.
 */
export async function beatRun(
  db: Queryable,
  { runId, totals }: Pick<PostgresRunEnd, 'runId' | 'totals'>,
): Promise<boolean> {
  const count = await db.run(
    `update ops.run
        set heartbeat_at = clock_timestamp(), outcome = 'running', ended_at = null,
            ${totalsFrom(2)}
      where run_id = $1 and outcome in ('running', 'abandoned')`,
    [runId, ...postgresTotalNames.map((name) => totals[name])],
  );
  return count === 1;
}

/**
 * Writes how a run ended, and ends what it has left of attempts, claims and leases: nobody else will, or
 * not before they expire. May be repeated.
 */
export async function endPostgresRun(db: Queryable, end: PostgresRunEnd): Promise<void> {
  await db.run(
    `with attempts as (
       update ops.attempt set outcome = 'abandoned', ended_at = clock_timestamp()
        where run_id = $1 and outcome = 'running'
     ), held as (
       select dataset, business_day from ops.claim
        where run_id = $1 and claimed_until is not null
        order by dataset, business_day
          for update
     ), claims as (
       update ops.claim c set claimed_until = null
         from held h where c.dataset = h.dataset and c.business_day = h.business_day
     ), leases as (
       update ops.lease set leased_until = clock_timestamp()
        where run_id = $1 and leased_until > clock_timestamp()
     )
     update ops.run
        set outcome = $2, ended_at = clock_timestamp(), heartbeat_at = clock_timestamp(), error = $3,
            ${totalsFrom(4)}
      where run_id = $1`,
    [
      end.runId,
      end.outcome,
      end.error ?? null,
      ...postgresTotalNames.map((name) => end.totals[name]),
    ],
  );
}

/** Sets the totals to as many parameters, of which this is the first. */
function totalsFrom(first: number): string {
  return postgresTotalNames.map((name, index) => `${name} = $${String(first + index)}`).join(', ');
}

async function findGoneRuns(db: Queryable, host: string): Promise<string[]> {
  const runs = await db.rows(
    z.object({ runId: z.string(), mark: z.string() }),
    `select run_id as "runId", process_mark as mark
       from ops.run where outcome = 'running' and host = $1`,
    [host],
  );
  return runs.filter(({ mark }) => !isRunning(mark)).map(({ runId }) => runId);
}
