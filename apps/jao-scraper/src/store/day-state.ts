import type { BusinessDay, CellCounts, StepMinutes } from '@sluice/schemas/jao';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from './epoch-ms.ts';
import type { Doubt } from './judge-lacking.ts';

/** What `jao.dataset_day` has of a business day. */
export interface DayState {
  readonly isFinished: boolean;
  /** Cells that are stored and not withdrawn. */
  readonly cells: number;
  /** When the last successful attempt ended. */
  readonly askedAtMs: number;
  /** SHA-256 of the last stored payload. */
  readonly payloadHash: Buffer | null;
  readonly contractVersion: string | null;
  readonly etag: string | null;
  /** What the last successful attempt was told with its answer, and when it began. */
  readonly lastModified: { readonly text: string; readonly askedAtMs: number } | undefined;
  readonly keySetId: number | null;
  readonly firstKnownFromMs: number | null;
  readonly lastKnownFromMs: number | null;
  readonly doubt: Doubt | undefined;
}

/** A column as its milliseconds, under its own name. */
const inMs = (column: string): string => `${epochMs(column)} as ${column}`;

const dayColumns = z.object({
  business_day: z.string(),
  finished: z.boolean(),
  cells: z.number(),
  asked_at: z.number(),
  payload_hash: z.instanceof(Buffer).nullable(),
  contract_version: z.string().nullable(),
  etag: z.string().nullable(),
  last_modified: z.string().nullable(),
  attempt_started_at: z.number().nullable(),
  key_set_id: z.number().nullable(),
  first_known_from: z.number().nullable(),
  last_known_from: z.number().nullable(),
  doubt_hash: z.instanceof(Buffer).nullable(),
  doubt_since: z.number().nullable(),
});

function stateOf(row: z.infer<typeof dayColumns>): DayState {
  return {
    isFinished: row.finished,
    cells: row.cells,
    askedAtMs: row.asked_at,
    payloadHash: row.payload_hash,
    contractVersion: row.contract_version,
    etag: row.etag,
    lastModified:
      row.last_modified === null || row.attempt_started_at === null
        ? undefined
        : { text: row.last_modified, askedAtMs: row.attempt_started_at },
    keySetId: row.key_set_id,
    firstKnownFromMs: row.first_known_from,
    lastKnownFromMs: row.last_known_from,
    doubt:
      row.doubt_hash === null || row.doubt_since === null
        ? undefined
        : { hash: row.doubt_hash, sinceMs: row.doubt_since },
  };
}

const columns = `business_day, finished, cells, ${inMs('asked_at')}, payload_hash, contract_version, etag,
  last_modified, ${inMs('attempt_started_at')}, key_set_id, ${inMs('first_known_from')},
  ${inMs('last_known_from')}, doubt_hash, ${inMs('doubt_since')}`;

const daysWithAttempts = `jao.dataset_day left join (
  select attempt_id, last_modified, started_at as attempt_started_at from ops.attempt
) attempt using (attempt_id)`;

/** The states of those of `days` that were ever answered. */
export async function readDayStates(
  db: Queryable,
  datasetId: number,
  days: readonly BusinessDay[],
): Promise<ReadonlyMap<BusinessDay, DayState>> {
  const rows = await db.rows(
    dayColumns,
    `select ${columns} from ${daysWithAttempts}
     where dataset_id = $1 and business_day = any($2::date[])`,
    [datasetId, days],
  );
  return new Map(rows.map((row) => [row.business_day, stateOf(row)]));
}

/** The state of a day, undefined where it was never answered, and the database's time. */
export async function readDayState(
  tx: PostgresTransaction,
  datasetId: number,
  day: BusinessDay,
): Promise<{ readonly state: DayState | undefined; readonly nowMs: number }> {
  const [found] = await tx.rows(
    z.union([
      z
        .object({ now_ms: z.number(), business_day: z.null() })
        .transform(({ now_ms: nowMs }) => ({ state: undefined, nowMs })),
      dayColumns
        .extend({ now_ms: z.number() })
        .transform((row) => ({ state: stateOf(row), nowMs: row.now_ms })),
    ]),
    `select ${epochMs('clock_timestamp()')} as now_ms, d.*
     from (select) as always left join (
       select ${columns} from ${daysWithAttempts} where dataset_id = $1 and business_day = $2
     ) d on true`,
    [datasetId, day],
  );
  if (found === undefined) {
    throw new RangeError('a left join of one row has one row');
  }
  return found;
}

/** What a business day is after its last answer; see `jao.day`. */
export type DayStateName = 'complete' | 'incomplete' | 'quarantined' | 'empty';

/** What an attempt makes of a business day. */
export interface DayStateChange {
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly state: DayStateName;
  /** Whether the answer has every delivery period. */
  readonly isWhole: boolean;
  /** Cells that are stored and not withdrawn. */
  readonly cells: number;
  /** The day's step, in minutes; undefined where it is the contract's. */
  readonly step: StepMinutes | undefined;
  readonly attemptId: number;
  /** The stamp, where anything was stored. */
  readonly knownFromMs: number | undefined;
  /** The payload that is now the day's; undefined keeps the one before. */
  readonly payload:
    | {
        readonly sha256: Uint8Array;
        readonly contractVersion: string;
        readonly etag: string | null;
        readonly counts: CellCounts;
      }
    | undefined;
  /** The answer's keys; null, where it has none, keeps those before. */
  readonly keySetId: number | null;
  readonly doubt: Doubt | undefined;
  readonly dueAtMs: number;
}

/** Writes a business day's state, and tells whether the day is finished by it. */
export async function saveDayState(
  tx: PostgresTransaction,
  change: DayStateChange,
): Promise<boolean> {
  const { finished } = await tx.row(
    z.object({ finished: z.boolean() }),
    `insert into jao.dataset_day as d (dataset_id, business_day, state, finished, cells, attempt_id, asked_at,
       first_answered_at, payload_hash, contract_version, etag, key_set_id, first_known_from, last_known_from,
       doubt_hash, doubt_since, whole, read, duplicate, quarantined, step, step_known_from)
     values ($1, $2, $3, $15 and $12::bytea is null and clock_timestamp() > $14, $4, $5, clock_timestamp(),
       case when clock_timestamp() > $14 then clock_timestamp() end, $6, $7, $8, $9, $10, $10, $12, $13, $15, $16, $17, $18,
       make_interval(mins => $19), case when $19::int is not null then $10::timestamptz end)
     on conflict (dataset_id, business_day) do update set
       state = excluded.state, finished = excluded.finished, cells = excluded.cells,
       attempt_id = excluded.attempt_id, asked_at = excluded.asked_at,
       first_answered_at = coalesce(d.first_answered_at, excluded.first_answered_at),
       payload_hash = case when $11 then excluded.payload_hash else d.payload_hash end,
       contract_version = case when $11 then excluded.contract_version else d.contract_version end,
       etag = case when $11 then excluded.etag else d.etag end,
       key_set_id = coalesce(excluded.key_set_id, d.key_set_id),
       first_known_from = coalesce(d.first_known_from, excluded.first_known_from),
       last_known_from = coalesce(excluded.last_known_from, d.last_known_from),
       doubt_hash = excluded.doubt_hash, doubt_since = excluded.doubt_since, whole = excluded.whole,
       read = case when $11 then excluded.read else d.read end,
       duplicate = case when $11 then excluded.duplicate else d.duplicate end,
       quarantined = case when $11 then excluded.quarantined else d.quarantined end,
       step = excluded.step,
       step_known_from = case when $19::int is not null then coalesce(excluded.last_known_from, d.last_known_from) end
     returning finished`,
    [
      change.datasetId,
      change.day,
      change.state,
      change.cells,
      change.attemptId,
      change.payload === undefined ? null : Buffer.from(change.payload.sha256),
      change.payload?.contractVersion ?? null,
      change.payload?.etag ?? null,
      change.keySetId,
      dateOf(change.knownFromMs),
      change.payload !== undefined,
      change.doubt?.hash ?? null,
      dateOf(change.doubt?.sinceMs),
      new Date(change.dueAtMs),
      change.isWhole,
      change.payload?.counts.read ?? 0,
      change.payload?.counts.duplicate ?? 0,
      change.payload?.counts.quarantined ?? 0,
      change.step ?? null,
    ],
  );
  return finished;
}

/** A business day that is as it was, and what its payload had. */
export interface DayTouched {
  readonly isFinished: boolean;
  /** Whether its last answer had every delivery period. */
  readonly isWhole: boolean;
  readonly isEmpty: boolean;
  readonly counts: CellCounts;
}

/**
 * Notes that a day was asked for and is as it was: the payload is the stored one. Clears a doubt, as
 * the cells that it was about are there again.
 */
export async function touchDayState(
  tx: PostgresTransaction,
  change: Pick<DayStateChange, 'datasetId' | 'day' | 'attemptId' | 'dueAtMs'>,
): Promise<DayTouched> {
  const row = await tx.row(
    z.object({
      finished: z.boolean(),
      whole: z.boolean(),
      is_empty: z.boolean(),
      read: z.number(),
      duplicate: z.number(),
      quarantined: z.number(),
    }),
    `update jao.dataset_day set attempt_id = $3, asked_at = clock_timestamp(),
       first_answered_at = coalesce(first_answered_at, case when clock_timestamp() > $4 then clock_timestamp() end),
       finished = whole and clock_timestamp() > $4, doubt_hash = null, doubt_since = null
     where dataset_id = $1 and business_day = $2
     returning finished, whole, state = 'empty' as is_empty, read, duplicate, quarantined`,
    [change.datasetId, change.day, change.attemptId, new Date(change.dueAtMs)],
  );
  const { read, duplicate, quarantined } = row;
  return {
    isFinished: row.finished,
    isWhole: row.whole,
    isEmpty: row.is_empty,
    counts: { read, duplicate, quarantined },
  };
}

function dateOf(instantMs: number | undefined): Date | null {
  return instantMs === undefined ? null : new Date(instantMs);
}
