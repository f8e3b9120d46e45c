import { PostgresError } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import { z } from 'zod';

import { onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';

/** A load of so many cells is news to the planner before autovacuum comes. */
const largeLoadCells = 50_000;
const viewLockTimeoutMs = 200;

const datasetRow = z.object({ dataset_id: z.number() });

/** Of a view, the first three columns are the day and the delivery period. */
const staleViewsSql = `
select s.dataset_id
from jao.series s
join jao.dataset d using (dataset_id)
group by s.dataset_id, d.wide_view
having count(*) + 3 <> (
  select count(*) from pg_attribute
  where attrelid = to_regclass(format('jao.%I', d.wide_view)) and attnum > 0
)
order by s.dataset_id`;

/** ANALYZE reads samples of every partition. */
const statisticsTimeoutMs = 300_000;

/** Makes the partitions that days of a period need, and those of the coming year. */
export async function ensurePartitions(
  db: PostgresDatabase,
  from: string,
  to: string,
): Promise<void> {
  await db.query(
    `select jao.ensure_partitions($1::date, greatest($2::date, (now() + interval '1 year')::date))`,
    [from, to],
  );
}

/**
 * Makes the views with a column per key anew that lack a key. A reader who is in the way is not waited
 * for: the view misses a column until the next time.
 */
export async function refreshWideViews(context: RunContext): Promise<void> {
  const stale = await onDatabase(context, () => context.db.rows(datasetRow, staleViewsSql));
  for (const { dataset_id: datasetId } of stale) {
    try {
      await onDatabase(context, () =>
        context.db.transaction((tx) => tx.query('select jao.refresh_wide_view($1)', [datasetId]), {
          lockTimeoutMs: viewLockTimeoutMs,
        }),
      );
    } catch (error) {
      if (!(error instanceof PostgresError)) {
        throw error;
      }
      context.onNotice('a wide view could not be made anew', { datasetId, error: error.message });
    }
  }
}

/** Tells the planner of a large load. */
export async function refreshStatistics(context: RunContext, addedCells: number): Promise<void> {
  if (addedCells < largeLoadCells) {
    return;
  }
  await onDatabase(context, () =>
    context.db.transaction((tx) => tx.query('select jao.refresh_statistics()'), {
      statementTimeoutMs: statisticsTimeoutMs,
    }),
  );
}
