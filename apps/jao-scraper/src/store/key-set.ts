import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A set of keys, and whose it is. */
export interface KeySetOfDay {
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly keySetId: number;
}

/** The number of an answer's set of keys. A set that was never seen before is stored. */
export async function keySetIdOf(
  tx: PostgresTransaction,
  datasetId: number,
  seriesIds: readonly number[],
): Promise<number> {
  const sorted = [...seriesIds].sort((left, right) => left - right);
  const hash = createHash('sha256').update(sorted.join(',')).digest();
  const known = await findKeySet(tx, datasetId, hash);
  if (known !== undefined) {
    return known;
  }
  await tx.run(
    `insert into jao.key_set (dataset_id, series_ids, keys_hash) values ($1, $2::int[], $3)
     on conflict (dataset_id, keys_hash) do nothing`,
    [datasetId, sorted, hash],
  );
  // In a statement of its own: one that met another's insert does not see the row that it waited for.
  const made = await findKeySet(tx, datasetId, hash);
  if (made === undefined) {
    throw new RangeError('a set of keys that was just stored is there');
  }
  return made;
}

async function findKeySet(
  tx: PostgresTransaction,
  datasetId: number,
  hash: Buffer,
): Promise<number | undefined> {
  const [row] = await tx.rows(
    z.object({ key_set_id: z.number() }),
    'select key_set_id from jao.key_set where dataset_id = $1 and keys_hash = $2',
    [datasetId, hash],
  );
  return row?.key_set_id;
}

/** The keys that a day, or the day before it on record, had so far, and that are not in its new set. */
export async function findVanishedKeys(
  tx: PostgresTransaction,
  { datasetId, day, keySetId }: KeySetOfDay,
): Promise<readonly string[]> {
  const rows = await tx.rows(
    z.object({ key: z.string() }),
    `select s.key
     from (
       select key_set_id from jao.day_key_set
       where dataset_id = $1 and business_day <= $2
       order by business_day desc, known_from desc limit 1
     ) earlier
     join jao.key_set e using (key_set_id)
     join jao.key_set n on n.key_set_id = $3
     join jao.series s on s.series_id = any(e.series_ids) and s.series_id <> all(n.series_ids)
     where e.key_set_id <> $3
     order by s.key`,
    [datasetId, day, keySetId],
  );
  return rows.map((row) => row.key);
}
