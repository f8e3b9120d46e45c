import { daysBetween } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { Client } from 'pg';
import { z } from 'zod';

import { addRun, makeHome } from './home.ts';
import type { JaoContext } from './jao-case.ts';

const firstDay = '2025-01-01';
const lastDay = '2025-12-31';
/** Of one series; both days on which the clocks change are in it. */
const hoursOfYear = 8760;
/** One in so many days of a series has a hole of an hour, somewhere. */
const dayWithHole = 100;

/** A database with a year of hourly series. */
export interface CoverageStore {
  /** To connect with as one who stores days: readers can not count anew. */
  readonly url: string;
  readonly datasetId: number;
  readonly series: number;
  readonly cells: number;
  readonly close: () => Promise<void>;
}

/** Makes a database under `folder` with a year of about `sizes.cells` cells of core/maxExchanges. */
export async function makeCoverageStore(
  context: JaoContext,
  folder: string,
): Promise<CoverageStore> {
  return makeHome(context, folder, async (db) => {
    const series = Math.max(1, Math.round(context.sizes.cells / hoursOfYear));
    const { datasetId } = await db.row(
      z.object({ datasetId: z.int() }),
      `select dataset_id as "datasetId" from jao.dataset where region = 'core' and dataset = 'maxExchanges'`,
    );
    await addSeries(db, datasetId, series);
    for (const day of daysBetween(firstDay, lastDay)) {
      context.signal.throwIfAborted();
      await addDay(db, day);
    }
    await addEvidence(db, datasetId);
    await vacuum(db);
    await db.query('select jao.rebuild_ranges($1)', [datasetId]);
    await vacuum(db);
    const cells = series * hoursOfYear;
    return { url: db.url('worker'), datasetId, series, cells, close: () => db.close() };
  });
}

async function addSeries(db: PostgresDatabase, datasetId: number, count: number): Promise<void> {
  await db.run(
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     select d.dataset_id, d.region, d.dataset, format('border_%s', n), d.unit, now(), now()
     from jao.dataset d cross join generate_series(1, $2) as n where d.dataset_id = $1 order by n`,
    [datasetId, count],
  );
}

async function addDay(db: PostgresDatabase, day: string): Promise<void> {
  await db.transaction(
    (tx) =>
      tx.run(
        `insert into jao.observation
           (series_id, delivery_start, known_from, value, withdrawn, attempt_id, source_row_id)
         select s.series_id, h.delivery_start, ($1::date - 1) + time '08:30', s.series_id, false, 0, 0
         from jao.series s
         cross join lateral (select hashint8extended(s.series_id, $1::date - date '2000-01-01') as dice) drawn
         cross join generate_series(
           $1::timestamp at time zone 'Europe/Amsterdam',
           ($1::timestamp + interval '1 day') at time zone 'Europe/Amsterdam' - interval '1 hour',
           interval '1 hour'
         ) with ordinality as h (delivery_start, place)
         where abs(drawn.dice % $2) <> 0 or abs(drawn.dice / $2 % 23) + 1 <> h.place
         order by s.series_id, h.delivery_start`,
        [day, dayWithHole],
      ),
    { synchronousCommit: false },
  );
}

/** Each day was asked for once, after it was due, and had all keys. */
async function addEvidence(db: PostgresDatabase, datasetId: number): Promise<void> {
  const days = `generate_series($1::timestamp, $2::timestamp, interval '1 day') as g (day)`;
  await addRun(db);
  await db.run(
    `insert into ops.attempt (run_id, dataset, business_day, window_start, window_end, origin, url, started_at, ended_at,
       outcome, contract_version)
     select r.run_id, 'core/maxExchanges', g.day::date, g.day, g.day + interval '1 day', '', '',
       g.day - interval '12 hours', g.day - interval '12 hours', 'stored', '1'
     from ops.run r cross join ${days} where r.app = 'bench'`,
    [firstDay, lastDay],
  );
  await db.run(
    `insert into jao.key_set (dataset_id, series_ids, keys_hash)
     select $1::int, array_agg(series_id order by series_id), sha256('bench') from jao.series where dataset_id = $1`,
    [datasetId],
  );
  await db.run(
    `insert into jao.day_key_set (dataset_id, business_day, known_from, key_set_id)
     select ks.dataset_id, g.day::date, (g.day::date - 1) + time '08:30', ks.key_set_id
     from jao.key_set ks cross join ${days}`,
    [firstDay, lastDay],
  );
}

async function vacuum(db: PostgresDatabase): Promise<void> {
  const client = new Client({ connectionString: db.url('owner') });
  await client.connect();
  await client.query(
    'vacuum (analyze) jao.observation, jao.series, jao.day_range, jao.day_key_set, ops.attempt',
  );
  await client.end();
}
