import { daysBetween } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { Client } from 'pg';
import { z } from 'zod';

import { makeHome } from './home.ts';
import { allDays } from './jao-case.ts';
import type { JaoContext } from './jao-case.ts';
import { historyOf } from './periods.ts';

/** Of the larger store. */
export const versionsPerCell = 4;
const hoursPerDay = 24;
/** Keys of a day before and from {@link keysGrowOn} on. */
const keys = 132;
const laterKeys = 150;
const keysGrowOn = '2026-06-11';

/** A database with versions of cells, made by SQL. */
export interface VersionStore {
  /** To connect with as a reader. */
  readonly url: string;
  /** The business days it has. */
  readonly days: readonly BusinessDay[];
  readonly versions: number;
  readonly close: () => Promise<void>;
}

/**
 * Makes a database under `folder` with `count` versions of each cell of core/maxExchanges, over so many
 * days that {@link versionsPerCell} of them are about `sizes.versions`. As after a backfill and later
 * changes, first come the first versions of all days, then all second ones. The newest value of a cell
 * is the same however many came before it.
 */
export async function makeVersionStore(
  context: JaoContext,
  count: number,
  folder: string,
): Promise<VersionStore> {
  return makeHome(context, folder, async (db) => {
    const days = daysFor(context.sizes.versions);
    await addSeries(db);
    for (let version = 1; version <= count; version += 1) {
      for (const day of days) {
        context.signal.throwIfAborted();
        await addDay(db, { day, version, newest: count });
      }
    }
    await vacuum(db);
    const { versions } = await db.row(
      z.object({ versions: z.number() }),
      'select count(*) as versions from jao.observation',
    );
    return { url: db.url('reader'), days, versions, close: () => db.close() };
  });
}

function daysFor(versions: number): readonly BusinessDay[] {
  const perDay = keys * hoursPerDay * versionsPerCell;
  const days = Math.min(allDays, Math.ceil(versions / perDay));
  const { from, to } = historyOf({ days });
  return daysBetween(from, to);
}

async function addSeries(db: PostgresDatabase): Promise<void> {
  await db.run(
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     select d.dataset_id, d.region, d.dataset, format('border_%s', n), d.unit, now(), now()
     from jao.dataset d cross join generate_series(1, $1) as n
     where d.region = 'core' and d.dataset = 'maxExchanges' order by n`,
    [laterKeys],
  );
}

async function addDay(
  db: PostgresDatabase,
  of: { readonly day: BusinessDay; readonly version: number; readonly newest: number },
): Promise<void> {
  await db.transaction(
    (tx) =>
      tx.run(
        `insert into jao.observation
           (series_id, delivery_start, known_from, value, withdrawn, attempt_id, source_row_id)
         select s.series_id, h.delivery_start,
           ($1::date - 1) + time '08:30' + make_interval(hours => $2::int - 1),
           (hashint8extended(extract(epoch from h.delivery_start)::int8, s.series_id) & 4095) + $3::int - $2::int,
           false, 0, 0
         from jao.series s
         cross join generate_series(
           $1::timestamp at time zone 'Europe/Amsterdam',
           ($1::timestamp + interval '1 day') at time zone 'Europe/Amsterdam' - interval '1 hour',
           interval '1 hour'
         ) as h (delivery_start)
         where $1::date >= $4::date or s.key in (select format('border_%s', n) from generate_series(1, $5::int) n)
         order by s.series_id, h.delivery_start`,
        [of.day, of.version, of.newest, keysGrowOn, keys],
      ),
    // A day is no loss here, and thousands of waits for the disk are minutes.
    { synchronousCommit: false },
  );
}

/** As autovacuum has done a while later. */
async function vacuum(db: PostgresDatabase): Promise<void> {
  const client = new Client({ connectionString: db.url('owner') });
  await client.connect();
  await client.query('vacuum (analyze) jao.observation, jao.series');
  await client.end();
}
