import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { DayRange } from './day-ranges.ts';

/** Ranges to keep, and the new set of keys where there is one. */
export interface DayToNote {
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly knownFromMs: number;
  /** Undefined where the day has the keys that it had. */
  readonly keySetId: number | undefined;
  readonly ranges: readonly DayRange[];
  readonly seriesIds: ReadonlyMap<string, number>;
}

/**
 * Keeps what a day is from a stamp on, in one statement, as the dataset's clock is held. What is kept
 * of that stamp already stays: it can only be the same.
 */
export async function noteDay(tx: PostgresTransaction, note: DayToNote): Promise<void> {
  const { datasetId, day, knownFromMs, keySetId, ranges, seriesIds } = note;
  await tx.run(
    `with keys as (
       insert into jao.day_key_set (dataset_id, business_day, known_from, key_set_id)
       select $1, $2, $3, $4 where $4::int is not null on conflict do nothing
     )
     insert into jao.day_range
       (dataset_id, business_day, known_from, part, series_ids, state, delivery_start, delivery_end, cells, since)
     select $1, $2, $3, r.part, r.series_ids::int[], r.state, r.delivery_start, r.delivery_end, r.cells,
       case when r.state <> 'absent' then coalesce(r.since, $3) end
     from unnest($5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::int[], $10::timestamptz[])
       with ordinality as r (series_ids, state, delivery_start, delivery_end, cells, since, part)
     on conflict do nothing`,
    [
      datasetId,
      day,
      new Date(knownFromMs),
      keySetId ?? null,
      ranges.map(({ keys }) => `{${idsOf(keys, seriesIds).join(',')}}`),
      ranges.map(({ state }) => state),
      ranges.map(({ startMs }) => new Date(startMs)),
      ranges.map(({ endMs }) => new Date(endMs)),
      ranges.map(({ cells }) => cells),
      ranges.map(({ sinceMs }) => (typeof sinceMs === 'number' ? new Date(sinceMs) : null)),
    ],
  );
}

function idsOf(keys: readonly string[], seriesIds: ReadonlyMap<string, number>): number[] {
  return keys
    .map((key) => {
      const id = seriesIds.get(key);
      if (id === undefined) {
        throw new RangeError(`no series for ${key}: a key is resolved before it is stored`);
      }
      return id;
    })
    .sort((left, right) => left - right);
}
