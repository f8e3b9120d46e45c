import { z } from 'zod';

import { PostgresError } from '../errors.ts';
import type { PostgresTransaction, Queryable } from '../postgres-transaction.ts';

/** One business day, `YYYY-MM-DD`, of one dataset. */
export interface DatasetDay {
  readonly dataset: string;
  readonly businessDay: string;
}

/** A day that is ours, as long as nobody else has taken it: its token says so. */
export interface Claim extends DatasetDay {
  readonly token: number;
}

/** A claim that was just taken. */
export interface TakenClaim extends Claim {
  /** Whether its last holder let it expire: what it had begun is marked `abandoned`. */
  readonly isTakenOver: boolean;
}

/** A day that somebody holds. */
export interface HeldDay extends DatasetDay {
  /** For people: command, process and host, or the run where that is not on record. */
  readonly holder: string;
  /** When it may be taken over unless its holder says again that it lives, by the clock of the database. */
  readonly claimedUntil: Date;
}

const claimSchema = z.object({ dataset: z.string(), businessDay: z.iso.date(), token: z.int() });
const heldSchema: z.ZodType<HeldDay> = z.object({
  dataset: z.string(),
  businessDay: z.iso.date(),
  holder: z.string(),
  claimedUntil: z.date(),
});
const takenSchema = claimSchema.extend({ isTakenOver: z.boolean() });

/**
 * Takes up to `limit` of `days` that nobody holds, the first ones first; gives those it got, in that
 * order, and waits for nobody. Attempts of a dead holder become `abandoned`. All by the clock of the
 * database. May be repeated: a run asks for days that it does not have, so one that it holds on record
 * is of an answer that was lost on its way.
 */
export async function claimDays(
  db: Queryable,
  options: {
    readonly days: readonly DatasetDay[];
    readonly limit: number;
    readonly ttlMs: number;
    readonly runId: string;
  },
): Promise<TakenClaim[]> {
  return db.rows(
    takenSchema,
    `with wanted as (
       select dataset, day, place
         from unnest($1::text[], $2::date[]) with ordinality as u (dataset, day, place)
     ), free as (
       select c.dataset, c.business_day, w.place, c.claimed_until is not null as is_left
         from wanted w join ops.claim c on c.dataset = w.dataset and c.business_day = w.day
        where c.claimed_until is null or c.claimed_until <= clock_timestamp()
           or c.run_id = $5::uuid
        order by w.place limit $3::bigint
          for update of c skip locked
     ), taken as (
       update ops.claim c
          set token = c.token + 1, run_id = $5::uuid,
              claimed_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
         from free f where c.dataset = f.dataset and c.business_day = f.business_day
       returning c.dataset, c.business_day, c.token, f.place, f.is_left
     ), fresh as (
       select w.dataset, w.day, w.place from wanted w
        where not exists (select from ops.claim c
                           where c.dataset = w.dataset and c.business_day = w.day)
        order by w.place limit greatest(0, $3::bigint - (select count(*) from free))
     ), added as (
       insert into ops.claim (dataset, business_day, token, run_id, claimed_until)
       select dataset, day, 1, $5::uuid,
              clock_timestamp() + make_interval(secs => $4::float8 / 1000)
         from fresh order by dataset, day
       on conflict (dataset, business_day) do nothing
       returning dataset, business_day, token
     ), abandoned as (
       update ops.attempt a set outcome = 'abandoned', ended_at = clock_timestamp()
         from taken t
        where t.is_left and a.outcome = 'running'
          and a.dataset = t.dataset and a.business_day = t.business_day
     )
     select dataset, business_day as "businessDay", token, is_left as "isTakenOver", place
       from taken
     union all
     select a.dataset, a.business_day, a.token, false, f.place
       from added a join fresh f on f.dataset = a.dataset and f.day = a.business_day
     order by place`,
    [
      options.days.map(({ dataset }) => dataset),
      options.days.map(({ businessDay }) => businessDay),
      options.limit,
      options.ttlMs,
      options.runId,
    ],
  );
}

/** Those of `days` that anybody holds, or has left behind, by dataset and day. */
export async function readHeldDays(db: Queryable, days: readonly DatasetDay[]): Promise<HeldDay[]> {
  return db.rows(
    heldSchema,
    `select c.dataset, c.business_day as "businessDay", c.claimed_until as "claimedUntil",
            coalesce(r.command || ', process ' || r.process_id || ' on ' || r.host, 'run ' || c.run_id) as holder
       from ops.claim c
       join unnest($1::text[], $2::date[]) as w (dataset, day)
         on c.dataset = w.dataset and c.business_day = w.day
       left join ops.run r using (run_id)
      where c.claimed_until is not null
      order by c.dataset, c.business_day`,
    [days.map(({ dataset }) => dataset), days.map(({ businessDay }) => businessDay)],
  );
}

/**
 * Holds claims for another `ttlMs`; gives those that are still ours. One whose day is being stored at
 * this moment is locked, so that nobody can take it, and is not waited for.
 */
export async function renewClaims(
  db: Queryable,
  claims: readonly Claim[],
  ttlMs: number,
): Promise<Claim[]> {
  return db.rows(
    claimSchema,
    `with ours as (
       select c.dataset, c.business_day, c.token
         from ops.claim c
         join unnest($1::text[], $2::date[], $3::bigint[]) as h (dataset, day, token)
           on c.dataset = h.dataset and c.business_day = h.day and c.token = h.token
        where c.claimed_until is not null
     ), unlocked as (
       select c.dataset, c.business_day
         from ops.claim c join ours o using (dataset, business_day, token)
        where c.claimed_until is not null
        order by c.dataset, c.business_day
          for update of c skip locked
     ), renewed as (
       update ops.claim c
          set claimed_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
         from unlocked u where c.dataset = u.dataset and c.business_day = u.business_day
     )
     select dataset, business_day as "businessDay", token from ours`,
    [...columnsOf(claims), ttlMs],
  );
}

/** Lets go of claims that are still ours; gives how many were. */
export async function releaseClaims(db: Queryable, claims: readonly Claim[]): Promise<number> {
  return db.run(
    `with held as (
       select c.dataset, c.business_day
         from ops.claim c
         join unnest($1::text[], $2::date[], $3::bigint[]) as h (dataset, day, token)
           on c.dataset = h.dataset and c.business_day = h.day and c.token = h.token
        order by c.dataset, c.business_day
          for update of c
     )
     update ops.claim c set claimed_until = null
       from held h where c.dataset = h.dataset and c.business_day = h.business_day`,
    columnsOf(claims),
  );
}

/**
 * Locks a day until the transaction ends, and sees that it is still ours: to be the first statement
 * of the transaction that stores it. A claim that has expired is still ours until somebody takes it.
 *
 * @throws {PostgresError} `FENCED` where it was taken over, or let go.
 */
export async function holdClaim(tx: PostgresTransaction, claim: Claim): Promise<void> {
  const [row] = await tx.rows(
    z.object({ token: z.int(), isHeld: z.boolean() }),
    `select token, claimed_until is not null as "isHeld" from ops.claim
      where dataset = $1 and business_day = $2 for update`,
    [claim.dataset, claim.businessDay],
  );
  if (row?.token !== claim.token || !row.isHeld) {
    throw new PostgresError(
      'FENCED',
      `store ${claim.dataset} ${claim.businessDay}: another process has taken it over ` +
        `(token ${claim.token}, now ${row?.token ?? 'none'}); nothing was stored here`,
    );
  }
}

/** Lets go of a day when the transaction ends that holds it. */
export async function releaseClaim(tx: PostgresTransaction, claim: Claim): Promise<void> {
  await tx.run(
    `update ops.claim set claimed_until = null
      where dataset = $1 and business_day = $2 and token = $3`,
    [claim.dataset, claim.businessDay, claim.token],
  );
}

function columnsOf(claims: readonly Claim[]): unknown[] {
  return [
    claims.map(({ dataset }) => dataset),
    claims.map(({ businessDay }) => businessDay),
    claims.map(({ token }) => token),
  ];
}
