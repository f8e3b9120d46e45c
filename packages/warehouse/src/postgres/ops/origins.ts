import { z } from 'zod';

import type { Queryable } from '../postgres-transaction.ts';

const defaultCapacity = 5;
const secondsPerMinute = 60;

/** How often an origin may be asked, by all processes together. */
export interface Pace {
  /** 0 is without a limit. */
  readonly perMinute: number;
  /** How many may come at once after a pause. @default 5 */
  readonly capacity?: number | undefined;
  /** How many tokens to leave for those that go first. @default 0 */
  readonly reserve?: number | undefined;
}

/** A request may go out, or not before a while. */
export type TokenAnswer =
  { readonly isGranted: true } | { readonly isGranted: false; readonly waitMs: number };

const granted: TokenAnswer = { isGranted: true };

const answerSchema = z.object({ isGranted: z.boolean(), waitMs: z.number() });

/**
 * Takes a token for one request from an origin's bucket. In any 60 seconds at most capacity +
 * perMinute are granted, however many processes take, by the clock of the database; another pace
 * holds from the next call on. Without a limit nothing is counted, and only a pause holds requests
 * back: looking for it is one statement that locks and writes nothing.
 */
export async function takeToken(db: Queryable, origin: string, pace: Pace): Promise<TokenAnswer> {
  if (pace.perMinute <= 0) {
    return readPause(db, origin);
  }
  for (;;) {
    const [answer] = await db.rows(answerSchema, takeSql, [
      origin,
      pace.perMinute / secondsPerMinute,
      pace.capacity ?? defaultCapacity,
      1 + (pace.reserve ?? 0),
    ]);
    if (answer !== undefined) {
      return answer.isGranted ? granted : { isGranted: false, waitMs: Math.ceil(answer.waitMs) };
    }
    await addOrigin(db, origin, pace.capacity ?? defaultCapacity);
  }
}

async function readPause(db: Queryable, origin: string): Promise<TokenAnswer> {
  const [pause] = await db.rows(
    z.object({ waitMs: z.number() }),
    `select (1000 * extract(epoch from paused_until - clock_timestamp()))::float8 as "waitMs"
       from ops.origin where origin = $1 and paused_until > clock_timestamp()`,
    [origin],
  );
  // The clock is read twice: the pause may have ended in between.
  const waitMs = Math.ceil(pause?.waitMs ?? 0);
  return waitMs > 0 ? { isGranted: false, waitMs } : granted;
}

/**
 * The time is read after the row is locked: whoever waited for it would otherwise count with a
 * moment that is past, and the rows of `locked` are there before anything is computed of them.
 */
const takeSql = `
with locked as materialized (
  select origin, tokens, refilled_at, paused_until from ops.origin where origin = $1 for update
), seen as materialized (
  select locked.*, greatest(clock_timestamp(), refilled_at) as at from locked
), filled as (
  select origin, at,
         least($3::float8, tokens + extract(epoch from at - refilled_at) * $2::float8) as tokens,
         greatest(extract(epoch from paused_until - at), 0)::float8 as pause_s
    from seen
), decided as materialized (
  select *, tokens >= $4::float8 and coalesce(pause_s, 0) = 0 as is_granted from filled
), taken as (
  update ops.origin o set tokens = d.tokens - 1, refilled_at = d.at, requests = o.requests + 1
    from decided d where o.origin = d.origin and d.is_granted
)
select is_granted as "isGranted",
       1000 * greatest(coalesce(pause_s, 0), ($4::float8 - tokens) / $2::float8, 0)::float8 as "waitMs"
  from decided`;

/**
 * Lets nobody ask an origin for the next `pauseMs`, which the caller caps; a pause only gets longer.
 * Gives how long it lasts now.
 */
export async function pauseOrigin(db: Queryable, origin: string, pauseMs: number): Promise<number> {
  const { remainingMs } = await db.row(
    z.object({ remainingMs: z.number() }),
    `insert into ops.origin as o (origin, tokens, refilled_at, paused_until)
     values ($1, 0, clock_timestamp(), clock_timestamp() + make_interval(secs => $2::float8 / 1000))
     on conflict (origin) do update
       set paused_until = greatest(
         o.paused_until, clock_timestamp() + make_interval(secs => $2::float8 / 1000))
     returning (1000 * extract(epoch from paused_until - clock_timestamp()))::float8
       as "remainingMs"`,
    [origin, pauseMs],
  );
  return remainingMs;
}

async function addOrigin(db: Queryable, origin: string, capacity: number): Promise<void> {
  await db.run(
    `insert into ops.origin (origin, tokens, refilled_at) values ($1, $2, clock_timestamp())
     on conflict (origin) do nothing`,
    [origin, capacity],
  );
}
