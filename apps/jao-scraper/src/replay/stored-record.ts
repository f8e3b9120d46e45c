import { businessDayBounds } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from '../store/epoch-ms.ts';
import { rangeStates } from '../store/day-ranges.ts';
import type { RangesOfStamp } from './ranges-of-versions.ts';

const storedVersionRow = z.object({
  key: z.string(),
  deliveryStartMs: z.number(),
  knownFromMs: z.number(),
  value: z.number().nullable(),
  withdrawn: z.boolean(),
  attemptId: z.number(),
  sourceRowId: z.union([z.number(), z.bigint()]).nullable(),
  sourceModifiedAt: z.string().nullable(),
});

/** One row of `jao.observation`. */
export type StoredVersion = z.infer<typeof storedVersionRow>;

/** All versions of a business day, in order of key, delivery start and stamp. */
export async function readVersions(
  db: Queryable,
  contract: DatasetContract,
  { datasetId, day }: { readonly datasetId: number; readonly day: BusinessDay },
): Promise<readonly StoredVersion[]> {
  const { startMs, endMs } = businessDayBounds(contract, day);
  return db.rows(
    storedVersionRow,
    `select s.key, ${epochMs('o.delivery_start')} as "deliveryStartMs",
       ${epochMs('o.known_from')} as "knownFromMs", o.value, o.withdrawn, o.attempt_id as "attemptId",
       o.source_row_id as "sourceRowId", o.source_modified_at as "sourceModifiedAt"
     from jao.observation o join jao.series s using (series_id)
     where s.dataset_id = $1 and o.delivery_start >= $2 and o.delivery_start < $3
     order by s.key, o.delivery_start, o.known_from`,
    [datasetId, new Date(startMs), new Date(endMs)],
  );
}

const dayRow = z.object({
  state: z.string(),
  finished: z.boolean(),
  whole: z.boolean(),
  cells: z.number(),
  read: z.number(),
  duplicate: z.number(),
  quarantined: z.number(),
  attemptId: z.number(),
  payloadHash: z.instanceof(Buffer).nullable(),
  contractVersion: z.string().nullable(),
  firstKnownFromMs: z.number().nullable(),
  lastKnownFromMs: z.number().nullable(),
  /** Null where it is not kept, or not as of the newest stamp. */
  stepMinutes: z.number().nullable(),
  isDoubtful: z.boolean(),
  keys: z.array(z.string()).nullable(),
});

/** What `jao.dataset_day` says of a business day. */
export type StoredDayRow = z.infer<typeof dayRow>;

/** What is said of a business day; undefined where it was never answered. */
export async function readDayRow(
  db: Queryable,
  datasetId: number,
  day: BusinessDay,
): Promise<StoredDayRow | undefined> {
  const [row] = await db.rows(
    dayRow,
    `select dd.state, dd.finished, dd.whole, dd.cells, dd.read, dd.duplicate, dd.quarantined, dd.attempt_id as "attemptId", dd.payload_hash as "payloadHash",
       dd.contract_version as "contractVersion", ${epochMs('dd.first_known_from')} as "firstKnownFromMs",
       ${epochMs('dd.last_known_from')} as "lastKnownFromMs", dd.doubt_since is not null as "isDoubtful",
       case when dd.step_known_from = dd.last_known_from then extract(epoch from dd.step)::int / 60 end as "stepMinutes",
       (select array_agg(s.key) from jao.series s where s.series_id = any(ks.series_ids)) as keys
     from jao.dataset_day dd left join jao.key_set ks using (key_set_id)
     where dd.dataset_id = $1 and dd.business_day = $2`,
    [datasetId, day],
  );
  return row;
}

const keySetRow = z.object({ knownFromMs: z.number(), keys: z.array(z.string()) });

/** A set of keys that a day had from a stamp on; the keys are in no order. */
export type StoredKeySet = z.infer<typeof keySetRow>;

/** The sets of keys that a day had, oldest first. */
export async function readKeySets(
  db: Queryable,
  datasetId: number,
  day: BusinessDay,
): Promise<readonly StoredKeySet[]> {
  return db.rows(
    keySetRow,
    `select ${epochMs('dk.known_from')} as "knownFromMs",
       array(select s.key from jao.series s where s.series_id = any(ks.series_ids)) as keys
     from jao.day_key_set dk join jao.key_set ks using (key_set_id)
     where dk.dataset_id = $1 and dk.business_day = $2 order by dk.known_from`,
    [datasetId, day],
  );
}

const rangeRow = z.object({
  knownFromMs: z.number(),
  keys: z.array(z.string()),
  state: z.enum(rangeStates),
  startMs: z.number(),
  endMs: z.number(),
  cells: z.number(),
  sinceMs: z.number().nullable(),
});

/** The ranges that a day had, by stamp, oldest first; keys in order. */
export async function readRanges(
  db: Queryable,
  datasetId: number,
  day: BusinessDay,
): Promise<readonly RangesOfStamp[]> {
  const rows = await db.rows(
    rangeRow,
    `select ${epochMs('r.known_from')} as "knownFromMs",
       array(select s.key from jao.series s where s.series_id = any(r.series_ids)) as keys,
       r.state, ${epochMs('r.delivery_start')} as "startMs", ${epochMs('r.delivery_end')} as "endMs", r.cells,
       ${epochMs('r.since')} as "sinceMs"
     from jao.day_range r
     where r.dataset_id = $1 and r.business_day = $2 order by r.known_from, r.part`,
    [datasetId, day],
  );
  const byStamp = Map.groupBy(rows, ({ knownFromMs }) => knownFromMs);
  return [...byStamp].map(([knownFromMs, ranges]) => ({
    knownFromMs,
    ranges: ranges.map((range) => ({ ...range, keys: range.keys.toSorted() })),
  }));
}

const quarantineRow = z.object({
  quarantineId: z.number(),
  attemptId: z.number(),
  state: z.string(),
  seriesKey: z.string().nullable(),
  deliveryStartMs: z.number().nullable(),
  reason: z.string(),
  raw: z.string().nullable(),
});

/** One entry of quarantine. */
export type QuarantineEntry = z.infer<typeof quarantineRow>;

/** The entries of a business day, oldest first. */
export async function readQuarantine(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly QuarantineEntry[]> {
  return db.rows(
    quarantineRow,
    `select quarantine_id as "quarantineId", attempt_id as "attemptId", state, series_key as "seriesKey",
       ${epochMs('delivery_start')} as "deliveryStartMs", reason, raw
     from ops.quarantine where dataset = $1 and business_day = $2 order by quarantine_id`,
    [contract.name, day],
  );
}

/** The newest stamp of a dataset; undefined where it has none. */
export async function readClockMs(db: Queryable, datasetId: number): Promise<number | undefined> {
  const [row] = await db.rows(
    z.object({ ms: z.number().nullable() }),
    `select ${epochMs(`nullif(last, '-infinity')`)} as ms from jao.clock where dataset_id = $1`,
    [datasetId],
  );
  return row?.ms ?? undefined;
}
