import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

const sumsSchema = z.object({ count: z.number(), content: z.string() });

/** What a database holds of observations: equal for two that hold the same of the same series. */
export async function sumObservations(db: PostgresDatabase): Promise<z.infer<typeof sumsSchema>> {
  return db.row(
    sumsSchema,
    `select count(*) as count, coalesce(sum(hashtextextended(concat_ws(' ', s.key, o.delivery_start, o.value, o.withdrawn,
       o.source_row_id, o.source_modified_at), 0)::numeric), 0)::text as content
     from jao.observation o join jao.series s using (series_id)`,
  );
}

const rowCountSchema = z.object({ name: z.string(), count: z.number() });

/** The rows of every table of the scraper, by its name. */
export async function countRows(db: PostgresDatabase): Promise<Readonly<Record<string, number>>> {
  const tables = await db.rows(
    z.object({ name: z.string() }),
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('jao', 'ops') and tablename !~ '^observation_' order by 1`,
  );
  const counts = await db.rows(
    rowCountSchema,
    tables
      .map(({ name }) => `select '${name}' as name, count(*) as count from ${name}`)
      .join(' union all '),
  );
  return Object.fromEntries(counts.map(({ name, count }) => [name, count]));
}
