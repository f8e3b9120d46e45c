import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { DayProgress } from './next-ask.ts';

const progressRow = z.object({
  business_day: z.string(),
  finished: z.boolean(),
  ended_ms: z.number().nullable(),
});

/** How far those of `days` have come that were ever asked for, whoever asked. */
export async function readProgress(
  db: Queryable,
  { name, region, dataset }: DatasetContract,
  days: readonly BusinessDay[],
): Promise<ReadonlyMap<BusinessDay, DayProgress>> {
  const rows = await db.rows(
    progressRow,
    `select a.business_day, coalesce(bool_or(dd.finished), false) as finished,
       (extract(epoch from max(a.ended_at)) * 1000)::int8 as ended_ms
     from ops.attempt a
     left join jao.dataset d on d.region = $2 and d.dataset = $3
     left join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = a.business_day
     where a.dataset = $1 and a.business_day = any($4::date[])
     group by a.business_day`,
    [name, region, dataset, days],
  );
  return new Map(
    rows.map((row) => [
      row.business_day,
      { isFinished: row.finished, lastAttemptMs: row.ended_ms ?? undefined },
    ]),
  );
}
