import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';

import { BenchError } from '../errors.ts';
import { openHome } from './home.ts';
import type { JaoContext, Period } from './jao-case.ts';
import { observationColumns } from './observation-columns.ts';
import { backfill } from './scraper.ts';

/** Rows of `jao.observation` as the scraper stored them, one file a day, in the binary form of COPY. */
export interface CopiedRows {
  /** Holds the files, in the order of their names. */
  readonly folder: string;
  readonly rows: number;
  readonly bytes: number;
  /** The rows of `jao.series` that belong to them, as JSON. */
  readonly series: string;
}

/**
 * Backfills a period into a database of its own, under `folder`, and copies its rows out of it.
 *
 * @throws {BenchError} where there are none.
 */
export async function copyRows(
  context: JaoContext,
  period: Period,
  folder: string,
): Promise<CopiedRows> {
  const home = join(folder, 'home');
  const rowsFolder = join(folder, 'rows');
  await mkdir(rowsFolder, { recursive: true });
  const db = await openHome(home, context.signal);
  try {
    await backfill(context, period, home);
    const stamps = await db.rows(
      z.object({ stamp: z.string() }),
      `select first_known_from::text as stamp from jao.dataset_day
       where first_known_from is not null order by first_known_from`,
    );
    const client = new Client({ connectionString: db.url('owner') });
    await client.connect();
    let bytes = 0;
    try {
      for (const [index, { stamp }] of stamps.entries()) {
        const path = join(rowsFolder, `${String(index).padStart(6, '0')}.copy`);
        await copyDay(client, stamp, path);
        bytes += (await stat(path)).size;
      }
    } finally {
      await client.end();
    }
    return { folder: rowsFolder, bytes, ...(await describeRows(db)) };
  } finally {
    await db.close();
  }
}

/** All of one day is stored under one stamp, and no two days under the same. */
async function copyDay(client: Client, stamp: string, path: string): Promise<void> {
  const stream = client.query(
    copyTo(
      `copy (select ${observationColumns} from jao.observation where known_from = '${stamp}')
       to stdout (format binary)`,
    ),
  );
  await pipeline(stream, createWriteStream(path));
}

async function describeRows(db: PostgresDatabase): Promise<Pick<CopiedRows, 'rows' | 'series'>> {
  const described = await db.row(
    z.object({ rows: z.number(), series: z.string().nullable() }),
    `select (select count(*) from jao.observation) as rows, (select json_agg(s)::text from jao.series s) as series`,
  );
  const { rows, series } = described;
  if (series === null) throw new BenchError('copy the rows of a backfill: there are none');
  return { rows, series };
}

/** Puts the series that copied rows belong to into a database that has none. */
export async function insertSeries(db: PostgresDatabase, { series }: CopiedRows): Promise<void> {
  await db.run(
    `insert into jao.series (series_id, dataset_id, region, dataset, key, unit, from_zone, to_zone, first_seen_at, last_seen_at)
     overriding system value
     select s.series_id, d.dataset_id, s.region, s.dataset, s.key, s.unit, s.from_zone, s.to_zone, s.first_seen_at, s.last_seen_at
     from json_populate_recordset(null::jao.series, $1::json) s
     join jao.dataset d using (region, dataset)`,
    [series],
  );
}
