import { CommandError } from '@sluice/command-line';
import { FakeStream } from '@sluice/command-line/testing';
import { DuckDbWarehouse, WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { outliersCommand } from '../../src/outliers/outliers-command.ts';
import { fakeContext } from '../fake-context.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { createVotesTable } from './votes-table.ts';
import type { DayVotes } from './votes-table.ts';

const days: readonly DayVotes[] = [
  ['2022-01-02', 2],
  ['2022-01-05', 10],
  ['2022-01-12', 9],
];
const outliers = [
  { Year: 2022, WeekNumber: 0, VoteCount: 2 },
  { Year: 2022, WeekNumber: 1, VoteCount: 10 },
  { Year: 2022, WeekNumber: 2, VoteCount: 9 },
];

async function withVotes(
  votes: readonly DayVotes[],
  use: (path: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'w.db');
    const warehouse = await createVotesTable(path, votes);
    warehouse.close();
    await use(path);
  });
}

async function withDatabase(sql: string, use: (path: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'w.db');
    const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
    await warehouse.run(sql);
    warehouse.close();
    await use(path);
  });
}

test('JSON is an array of objects with numbers', async () => {
  await withVotes(days, async (path) => {
    const context = fakeContext(path);
    expect(await outliersCommand(context, { format: 'json' })).toBe(0);
    expect(JSON.parse(context.printed())).toEqual(outliers);
    expect(context.said()).toBe('');
  });
});

test('CSV has a head and a line per week', async () => {
  await withVotes(days, async (path) => {
    const context = fakeContext(path);
    await outliersCommand(context, { format: 'csv' });
    expect(context.printed()).toBe('Year,WeekNumber,VoteCount\n2022,0,2\n2022,1,10\n2022,2,9\n');
  });
});

test('a table off a terminal comes without a chart and without colours', async () => {
  await withVotes(days, async (path) => {
    const context = fakeContext(path);
    await outliersCommand(context, { format: 'table' });
    expect(context.printed()).toContain('│ 2022 │          0 │         2 │');
    expect(context.printed()).not.toContain('█');
    expect(context.printed()).not.toContain('\u001b');
  });
});

test('a table on a terminal is followed by a chart, unless it is not wanted', async () => {
  await withVotes(days, async (path) => {
    const context = fakeContext(path, { output: new FakeStream({ isTTY: true }) });
    await outliersCommand(context, { format: 'table' });
    expect(context.printed()).toMatch(/2022-W00 \* +2 █/);
    const plain = fakeContext(path, { output: new FakeStream({ isTTY: true }) });
    await outliersCommand(plain, { format: 'table', chart: false });
    expect(plain.printed()).not.toContain('█');
  });
});

test('a chart beside JSON or CSV goes to standard error', async () => {
  await withVotes(days, async (path) => {
    const context = fakeContext(path);
    await outliersCommand(context, { format: 'json', chart: true });
    expect(JSON.parse(context.printed())).toEqual(outliers);
    expect(context.said()).toContain('2022-W01 * 10 █');
  });
});

test('an empty table gives an empty result', async () => {
  await withVotes([], async (path) => {
    const json = fakeContext(path);
    expect(await outliersCommand(json, { format: 'json', chart: true })).toBe(0);
    expect(json.printed()).toBe('[]\n');
    const csv = fakeContext(path);
    expect(await outliersCommand(csv, { format: 'csv' })).toBe(0);
    expect(csv.printed()).toBe('Year,WeekNumber,VoteCount\n');
    const table = fakeContext(path, { output: new FakeStream({ isTTY: true }) });
    expect(await outliersCommand(table, { format: 'table' })).toBe(0);
    expect(table.printed()).toContain('VoteCount');
  });
});

test('a missing warehouse is named, and not made', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'none.db');
    const run = outliersCommand(fakeContext(path), { format: 'json' });
    await expect(run).rejects.toThrow(CommandError);
    await expect(run).rejects.toThrow(path);
    await expect(run).rejects.toThrow('votes-ingest ingest');
    expect(existsSync(path)).toBe(false);
  });
});

test.each([
  ['create table other (i integer)', 'no table blog_analysis.votes'],
  ['create schema blog_analysis; create table blog_analysis.votes (Id bigint)', 'no CreationDate'],
])('a database that lacks what is needed says so: %s', async (sql, message) => {
  await withDatabase(sql, async (path) => {
    const run = outliersCommand(fakeContext(path), { format: 'json' });
    await expect(run).rejects.toThrow(CommandError);
    await expect(run).rejects.toThrow(message);
  });
});

test('dates as text, absent dates and infinite ones do no harm', async () => {
  const sql = `create schema blog_analysis;
    create table blog_analysis.votes as
    select unnest(['2022-01-02T00:00:00.000', '2022-01-05', '2022-01-06', '2022-01-06', null,
                   'infinity', '-infinity']) as creationdate`;
  await withDatabase(sql, async (path) => {
    const context = fakeContext(path);
    await outliersCommand(context, { format: 'csv' });
    expect(context.printed()).toBe('Year,WeekNumber,VoteCount\n2022,0,1\n2022,1,3\n');
  });
});

test('text that is no date is an error of one line, not a crash', async () => {
  const sql = `create schema blog_analysis;
    create table blog_analysis.votes as select 'yesterday' as CreationDate`;
  await withDatabase(sql, async (path) => {
    const run = outliersCommand(fakeContext(path), { format: 'csv' });
    await expect(run).rejects.toThrow('yesterday');
    await expect(run).rejects.toThrow(WarehouseError);
  });
});

test('a table in the place of the view is left alone', async () => {
  const sql = `create schema blog_analysis;
    create table blog_analysis.votes (CreationDate timestamp);
    create table blog_analysis.outlier_weeks (mine integer)`;
  await withDatabase(sql, async (path) => {
    await expect(outliersCommand(fakeContext(path), { format: 'csv' })).rejects.toThrow(
      'outlier_weeks',
    );
  });
});

test('nothing but the view is added to the database', async () => {
  await withVotes(days, async (path) => {
    await outliersCommand(fakeContext(path), { format: 'csv' });
    const warehouse = await DuckDbWarehouse.open({ path, access: 'read', lockTimeoutMs: 0 });
    const reader = await warehouse.connection.runAndReadAll(
      `select schema_name || '.' || view_name from duckdb_views() where not internal
       union all select schema_name || '.' || table_name from duckdb_tables()`,
    );
    warehouse.close();
    expect(reader.getRows().flat().sort()).toEqual([
      'blog_analysis.outlier_weeks',
      'blog_analysis.votes',
    ]);
  });
});

test('a file that is no database stays as it is', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'w.db');
    await writeFile(path, 'a text that is long enough to be read as a header'.repeat(100));
    await expect(outliersCommand(fakeContext(path), { format: 'csv' })).rejects.toMatchObject({
      code: 'NOT_A_WAREHOUSE',
    });
  });
});

test('a signal before the query stops it', async () => {
  await withVotes(days, async (path) => {
    const stop = new AbortController();
    stop.abort();
    const run = outliersCommand(fakeContext(path, { signal: stop.signal }), { format: 'csv' });
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
