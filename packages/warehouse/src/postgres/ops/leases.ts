import { z } from 'zod';

import { PostgresError } from '../errors.ts';
import type { PostgresTransaction, Queryable } from '../postgres-transaction.ts';

/** What is ours alone, as long as nobody else has taken it: its token says so. */
export interface Lease {
  readonly name: string;
  readonly token: number;
}

/**
 * Takes a lease that nobody holds, by the clock of the database; undefined where somebody does. May be
 * repeated: one that the same run holds on record is of an answer that was lost on its way.
 */
export async function acquireLease(
  db: Queryable,
  options: {
    readonly name: string;
    /** For people who ask who has it. */
    readonly holder: string;
    readonly runId: string;
    readonly ttlMs: number;
  },
): Promise<Lease | undefined> {
  const [lease] = await db.rows(
    z.object({ name: z.string(), token: z.int() }),
    `insert into ops.lease as l
       (name, token, holder, run_id, leased_until, acquired_at, renewed_at)
     values ($1, 1, $2, $3, clock_timestamp() + make_interval(secs => $4::float8 / 1000),
             clock_timestamp(), clock_timestamp())
     on conflict (name) do update
       set token = l.token + 1, holder = excluded.holder, run_id = excluded.run_id,
           leased_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000),
           acquired_at = clock_timestamp(), renewed_at = clock_timestamp()
       where l.leased_until <= clock_timestamp() or l.run_id = excluded.run_id
     returning name, token`,
    [options.name, options.holder, options.runId, options.ttlMs],
  );
  return lease;
}

/** Holds a lease for another `ttlMs`; gives whether it was still ours. */
export async function renewLease(db: Queryable, lease: Lease, ttlMs: number): Promise<boolean> {
  const count = await db.run(
    `update ops.lease
        set leased_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000),
            renewed_at = clock_timestamp()
      where name = $1 and token = $2`,
    [lease.name, lease.token, ttlMs],
  );
  return count === 1;
}

/** Lets go of a lease; gives whether it was still ours. */
export async function releaseLease(db: Queryable, lease: Lease): Promise<boolean> {
  const count = await db.run(
    `update ops.lease set leased_until = clock_timestamp() where name = $1 and token = $2`,
    [lease.name, lease.token],
  );
  return count === 1;
}

/**
 * Locks a lease until the transaction ends, and sees that it is still ours.
 *
 * @throws {PostgresError} `FENCED` where it was taken over.
 */
export async function holdLease(tx: PostgresTransaction, lease: Lease): Promise<void> {
  const rows = await tx.query('select from ops.lease where name = $1 and token = $2 for share', [
    lease.name,
    lease.token,
  ]);
  if (rows.length === 0) {
    throw new PostgresError(
      'FENCED',
      `lease ${lease.name}: another process has taken it over (token ${lease.token})`,
    );
  }
}
