import { businessDayBounds } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from './epoch-ms.ts';
import type { StoredCell, StoredDay } from './diff-day.ts';

const cellRow = z.object({
  key: z.string(),
  start_ms: z.number(),
  value: z.number().nullable(),
  withdrawn: z.boolean(),
  source_row_id: z.union([z.number(), z.bigint()]).nullable(),
});

/** Reads the newest version of every stored cell of a business day, withdrawn ones included. */
export async function readStoredDay(
  tx: PostgresTransaction,
  contract: DatasetContract,
  datasetId: number,
  day: BusinessDay,
): Promise<StoredDay> {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const rows = await tx.rows(
    cellRow,
    `select s.key, ${epochMs('o.delivery_start')} as start_ms, o.value, o.withdrawn, o.source_row_id
     from jao.series s
     cross join lateral (
       select distinct on (v.delivery_start) v.delivery_start, v.value, v.withdrawn, v.source_row_id
       from jao.observation v
       where v.series_id = s.series_id and v.delivery_start >= $2 and v.delivery_start < $3
       order by v.delivery_start, v.known_from desc
     ) o
     where s.dataset_id = $1`,
    [datasetId, new Date(startMs), new Date(endMs)],
  );
  const stored = new Map<string, Map<number, StoredCell>>();
  for (const row of rows) {
    const cells = stored.get(row.key) ?? new Map<number, StoredCell>();
    stored.set(row.key, cells);
    cells.set(row.start_ms, {
      value: row.value,
      withdrawn: row.withdrawn,
      sourceRowId: row.source_row_id === null ? null : BigInt(row.source_row_id),
    });
  }
  return stored;
}
