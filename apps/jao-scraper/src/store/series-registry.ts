import { unitOfKey, zonesOfKey } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** `last_seen_at` is exact to the hour: a day of known keys is to write nothing else. */
const metEveryMs = 3_600_000;

const seriesRow = z.object({ key: z.string(), series_id: z.number() });

/** The series of some keys, as one transaction sees them. */
export interface SeriesOfKeys {
  /** All keys that were asked for, and maybe more. */
  readonly ids: ReadonlyMap<string, number>;
  /** Those that this transaction made. */
  readonly madeKeys: readonly string[];
  /** To be called once the transaction has committed: what was rolled back must not be remembered. */
  readonly remember: () => void;
}

/**
 * Knows which key is which series, so that a day of known keys costs no query. A series is never
 * deleted, so what was once committed stays true.
 */
export class SeriesRegistry {
  readonly #known = new Map<number, ReadonlyMap<string, number>>();
  readonly #metAtMs = new Map<number, number>();

  /** Finds the series of `keys`, and makes those that are new. */
  async resolve(
    tx: PostgresTransaction,
    contract: DatasetContract,
    datasetId: number,
    keys: readonly string[],
  ): Promise<SeriesOfKeys> {
    const known = this.#known.get(datasetId);
    if (known !== undefined && keys.every((key) => known.has(key))) {
      return { ids: known, madeKeys: [], remember: () => undefined };
    }
    const madeKeys = await makeSeries(tx, contract, datasetId, keys);
    const rows = await tx.rows(
      seriesRow,
      'select key, series_id from jao.series where dataset_id = $1',
      [datasetId],
    );
    const ids = new Map(rows.map((row) => [row.key, row.series_id]));
    return { ids, madeKeys, remember: () => this.#known.set(datasetId, ids) };
  }

  /**
   * Notes that series were met in an answer, unless that was noted within the hour. What it gives is to
   * be called once the transaction has committed.
   */
  async noteMet(tx: PostgresTransaction, seriesIds: readonly number[]): Promise<() => void> {
    const nowMs = performance.now();
    const due = seriesIds.filter(
      (id) => nowMs - (this.#metAtMs.get(id) ?? Number.NEGATIVE_INFINITY) >= metEveryMs,
    );
    if (due.length === 0) {
      return () => undefined;
    }
    // Whoever holds a row writes the same of it, and is not waited for.
    await tx.run(
      `update jao.series s set last_seen_at = clock_timestamp()
       from (
         select series_id from jao.series
         where series_id = any($1::int[]) and last_seen_at < clock_timestamp() - interval '1 hour'
         order by series_id for update skip locked
       ) due
       where s.series_id = due.series_id`,
      [due],
    );
    return () => {
      for (const id of due) {
        this.#metAtMs.set(id, nowMs);
      }
    };
  }
}

async function makeSeries(
  tx: PostgresTransaction,
  contract: DatasetContract,
  datasetId: number,
  keys: readonly string[],
): Promise<readonly string[]> {
  const zones = keys.map((key) => zonesOfKey(key));
  const made = await tx.rows(
    z.object({ key: z.string() }),
    `insert into jao.series
       (dataset_id, region, dataset, key, unit, from_zone, to_zone, first_seen_at, last_seen_at)
     select $1, $2, $3, k.key, k.unit, k.from_zone, k.to_zone, clock_timestamp(), clock_timestamp()
     from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as k (key, unit, from_zone, to_zone)
     order by k.key
     on conflict (dataset_id, key) do nothing
     returning key`,
    [
      datasetId,
      contract.region,
      contract.dataset,
      keys,
      keys.map((key) => unitOfKey(contract, key)),
      zones.map((zone) => zone?.from ?? null),
      zones.map((zone) => zone?.to ?? null),
    ],
  );
  return made.map((row) => row.key);
}
