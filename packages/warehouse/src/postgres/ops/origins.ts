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

/** The source wants nobody to ask it for a while, by the clock of the database. */
export interface OriginPause {
  /** UTC, epoch milliseconds. */
  readonly untilMs: number;
  /** What is left of it, more than 0. */
  readonly remainingMs: number;
}

/** A request may go out, or not before a while: because of the pace or, where there is one, of a pause. */
export type TokenAnswer =
  | { readonly isGranted: true }
  | {
      readonly isGranted: false;
      readonly waitMs: number;
      readonly pause?: OriginPause | undefined;
    };

const granted: TokenAnswer = { isGranted: true };

const pauseSchema = z.object({ untilMs: z.number(), remainingMs: z.number() });

const answerSchema = z.object({
  isGranted: z.boolean(),
  waitMs: z.number(),
  pausedUntilMs: z.number().nullable(),
  pausedForMs: z.number(),
});

/**
 * Takes a token for one request from an origin's bucket. In any 60 seconds at most capacity +
 * perMinute are granted, however many processes take, by the clock of the database; another pace
 * holds from the next call on. Without a limit nothing is counted, and only a pause holds requests
 * back: looking for it is one statement that locks and writes nothing.
 */
export async function takeToken(db: Queryable, origin: string, pace: Pace): Promise<TokenAnswer> {
  if (pace.perMinute <= 0) {
    const pause = await readPause(db, origin);
    return pause === undefined
      ? granted
      : { isGranted: false, waitMs: Math.ceil(pause.remainingMs), pause };
  }
  for (;;) {
    const [answer] = await db.rows(answerSchema, takeSql, [
      origin,
      pace.perMinute / secondsPerMinute,
      pace.capacity ?? defaultCapacity,
      1 + (pace.reserve ?? 0),
    ]);
    if (answer !== undefined) {
      return tokenAnswerOf(answer);
    }
    await addOrigin(db, origin, pace.capacity ?? defaultCapacity);
  }
}

/** The pause of an origin, undefined where it has none. One statement that locks and writes nothing. */
export async function readPause(db: Queryable, origin: string): Promise<OriginPause | undefined> {
  const [pause] = await db.rows(
    pauseSchema,
    `select (1000 * extract(epoch from paused_until))::float8 as "untilMs",
            (1000 * extract(epoch from paused_until - clock_timestamp()))::float8 as "remainingMs"
       from ops.origin where origin = $1 and paused_until > clock_timestamp()`,
    [origin],
  );
  // The clock is read twice: the pause may have ended in between.
  return pause !== undefined && pause.remainingMs > 0 ? pause : undefined;
}

function tokenAnswerOf({
  isGranted,
  waitMs,
  pausedUntilMs,
  pausedForMs,
}: z.infer<typeof answerSchema>): TokenAnswer {
  if (isGranted) {
    return granted;
  }
  const isPaused = pausedUntilMs !== null && pausedForMs > 0;
  return {
    isGranted: false,
    waitMs: Math.ceil(waitMs),
    pause: isPaused ? { untilMs: pausedUntilMs, remainingMs: pausedForMs } : undefined,
  };
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
         paused_until, coalesce(greatest(extract(epoch from paused_until - at), 0), 0)::float8 as pause_s
    from seen
), decided as materialized (
  select *, tokens >= $4::float8 and pause_s = 0 as is_granted from filled
), taken as (
  update ops.origin o set tokens = d.tokens - 1, refilled_at = d.at, requests = o.requests + 1
    from decided d where o.origin = d.origin and d.is_granted
)
select is_granted as "isGranted",
       1000 * greatest(pause_s, ($4::float8 - tokens) / $2::float8, 0)::float8 as "waitMs",
       (1000 * extract(epoch from paused_until))::float8 as "pausedUntilMs",
       1000 * pause_s as "pausedForMs"
  from decided`;

/**
 * Lets nobody ask an origin for the next `pauseMs`, which the caller caps; a pause only gets longer.
 * Gives how long it lasts now.
 */
export async function pauseOrigin(
  db: Queryable,
  origin: string,
  pauseMs: number,
): Promise<OriginPause> {
  return db.row(
    pauseSchema,
    `insert into ops.origin as o (origin, tokens, refilled_at, paused_until)
     values ($1, 0, clock_timestamp(), clock_timestamp() + make_interval(secs => $2::float8 / 1000))
     on conflict (origin) do update
       set paused_until = greatest(
         o.paused_until, clock_timestamp() + make_interval(secs => $2::float8 / 1000))
     returning (1000 * extract(epoch from paused_until))::float8 as "untilMs",
       (1000 * extract(epoch from paused_until - clock_timestamp()))::float8 as "remainingMs"`,
    [origin, pauseMs],
  );
}

/** What is on record of an origin, and of its pause where it has one. */
export interface OriginState {
  readonly origin: string;
  /** Tokens that were ever taken. */
  readonly requests: number;
  readonly pause: OriginPause | undefined;
  /** The last attempt whose answer asked for the pause; undefined where none is on record. */
  readonly pausedBy: PausingAttempt | undefined;
}

/** An attempt that was told to wait. */
export interface PausingAttempt {
  readonly attemptId: number;
  /** `core/maxExchanges` */
  readonly dataset: string;
  /** `YYYY-MM-DD`; null where the window was no single day. */
  readonly businessDay: string | null;
  readonly httpStatus: number | null;
  readonly retryAfterMs: number;
}

const originStateRow = z.object({
  origin: z.string(),
  requests: z.int(),
  untilMs: z.number().nullable(),
  remainingMs: z.number().nullable(),
  attemptId: z.int().nullable(),
  dataset: z.string().nullable(),
  businessDay: z.string().nullable(),
  httpStatus: z.int().nullable(),
  retryAfterMs: z.int().nullable(),
});

/** All origins that were ever asked at a pace, or paused, by name. */
export async function readOrigins(db: Queryable): Promise<OriginState[]> {
  const rows = await db.rows(
    originStateRow,
    `select o.origin, o.requests,
            (1000 * extract(epoch from o.paused_until))::float8 as "untilMs",
            (1000 * extract(epoch from o.paused_until - clock_timestamp()))::float8 as "remainingMs",
            a.attempt_id as "attemptId", a.dataset, a.business_day as "businessDay",
            a.http_status as "httpStatus", a.retry_after_ms as "retryAfterMs"
       from ops.origin o
       left join lateral (
         select attempt_id, dataset, business_day, http_status, retry_after_ms from ops.attempt
          where o.paused_until > clock_timestamp() and origin = o.origin and retry_after_ms > 0
            and ended_at + retry_after_ms * interval '1 millisecond' > clock_timestamp()
          order by attempt_id desc limit 1
       ) a on true
      order by o.origin collate "C"`,
  );
  return rows.map(({ origin, requests, untilMs, remainingMs, ...attempt }) => ({
    origin,
    requests,
    pause:
      untilMs !== null && remainingMs !== null && remainingMs > 0
        ? { untilMs, remainingMs }
        : undefined,
    pausedBy: pausingAttemptOf(attempt),
  }));
}

function pausingAttemptOf({
  attemptId,
  dataset,
  businessDay,
  httpStatus,
  retryAfterMs,
}: Omit<z.infer<typeof originStateRow>, 'origin' | 'requests' | 'untilMs' | 'remainingMs'>):
  PausingAttempt | undefined {
  return attemptId === null || dataset === null || retryAfterMs === null
    ? undefined
    : { attemptId, dataset, businessDay, httpStatus, retryAfterMs };
}

async function addOrigin(db: Queryable, origin: string, capacity: number): Promise<void> {
  await db.run(
    `insert into ops.origin (origin, tokens, refilled_at) values ($1, $2, clock_timestamp())
     on conflict (origin) do nothing`,
    [origin, capacity],
  );
}
