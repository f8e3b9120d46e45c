import { coverageStates } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

const rowSchema = z.object({
  key: z.string().nullable(),
  business_day: z.string(),
  state: z.enum(coverageStates),
  delivery_start: z.date(),
  delivery_end: z.date(),
  cells: z.number(),
  due_at: z.date(),
  since: z.date().nullable(),
  reason: z.string().nullable(),
});

/** A row of `jao.coverage_as_of`, as SQL gives it. */
export type CoverageSqlRow = z.infer<typeof rowSchema>;

/** What `jao.coverage_as_of` says of some days of a dataset. */
export async function readCoverage(
  db: PostgresDatabase,
  contract: DatasetContract,
  days: readonly BusinessDay[],
  atMs: number,
): Promise<CoverageSqlRow[]> {
  return db.rows(
    rowSchema,
    `select key, business_day, state, delivery_start, delivery_end, cells, due_at, since, reason
     from jao.coverage_as_of($1)
     where region = $2 and dataset = $3 and business_day = any($4::date[])
     order by business_day, key, delivery_start`,
    [new Date(atMs), contract.region, contract.dataset, days],
  );
}
