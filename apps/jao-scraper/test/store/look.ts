import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

const versionRow = z.object({
  row: z.number(),
  value: z.number().nullable(),
  withdrawn: z.boolean(),
});

/** The versions of one key of a day, oldest first: `<row>: value`, null, or `withdrawn`. */
export async function versionsOf(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
  key: string,
): Promise<string[]> {
  const rows = await db.rows(
    versionRow,
    `select dense_rank() over (order by o.delivery_start) - 1 as row, o.value, o.withdrawn
     from jao.observation o join jao.series s using (series_id)
     where s.region || '/' || s.dataset = $1 and s.key = $3
       and (o.delivery_start at time zone 'Europe/Amsterdam')::date = $2
     order by o.delivery_start, o.known_from`,
    [contract.name, day, key],
  );
  return rows.map(
    ({ row, value, withdrawn }) => `${row}: ${withdrawn ? 'withdrawn' : String(value)}`,
  );
}

/** How many cells of a day `jao.latest` shows. */
export async function shownCells(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<number> {
  const { cells } = await db.row(
    z.object({ cells: z.number() }),
    `select count(*) as cells from jao.latest where region || '/' || dataset = $1 and business_day = $2`,
    [contract.name, day],
  );
  return cells;
}

/** How many cells of a day have which coverage state. */
export async function coverageStates(
  db: Queryable,
  day: BusinessDay,
): Promise<Readonly<Record<string, number>>> {
  const rows = await db.rows(
    z.object({ state: z.string(), cells: z.int() }),
    `select state, sum(cells)::int8 as cells from jao.coverage where business_day = $1 group by state`,
    [day],
  );
  return Object.fromEntries(rows.map(({ state, cells }) => [state, cells]));
}

/** What `jao.dataset_day` says of a day. */
export async function dayRow(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<unknown> {
  const [row] = await db.query(
    `select dd.state, dd.finished, dd.cells, dd.doubt_since is not null as doubtful
     from jao.dataset_day dd join jao.dataset d using (dataset_id)
     where d.region || '/' || d.dataset = $1 and dd.business_day = $2`,
    [contract.name, day],
  );
  return row;
}

/** The sets of keys that a day had, oldest first. */
export async function keySetsOf(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<string[]> {
  const rows = await db.rows(
    z.object({ keys: z.string() }),
    `select (select string_agg(s.key, ' ' order by s.key) from jao.series s where s.series_id = any(ks.series_ids)) as keys
     from jao.day_key_set dk join jao.key_set ks using (key_set_id) join jao.dataset d on d.dataset_id = dk.dataset_id
     where d.region || '/' || d.dataset = $1 and dk.business_day = $2 order by dk.known_from`,
    [contract.name, day],
  );
  return rows.map(({ keys }) => keys);
}

/** What is on record as drift, by kind. */
export async function driftOf(
  db: Queryable,
  contract: DatasetContract,
  kind: string,
): Promise<string[]> {
  const rows = await db.rows(
    z.object({ value: z.string() }),
    'select value from ops.drift where dataset = $1 and kind = $2 order by value',
    [contract.name, kind],
  );
  return rows.map(({ value }) => value);
}
