import type { Format } from '@sluice/command-line';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { queryCommand } from '../../src/query/query-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeAll(async () => {
  warehouse = new LoadedWarehouse(await mkdtemp(join(tmpdir(), 'votes-ingest-')));
  await warehouse.load('votes.jsonl', voteLines(1, 3000));
});

afterAll(async () => {
  await rm(warehouse.folder, { recursive: true, force: true });
});

async function query(sql: string, format: Format = 'json'): Promise<string> {
  const context = fakeContext(warehouse.path);
  expect(await queryCommand(context, { args: [sql], format })).toBe(0);
  expect(context.said()).toBe('');
  return context.printed();
}

test('JSON is an array of objects, in the order of the query', async () => {
  const sql = 'select Id, CreationDate, UserId from blog_analysis.votes order by Id desc limit 2';
  expect(JSON.parse(await query(sql))).toEqual([
    { Id: 3000, CreationDate: '2022-05-04T00:00:00.000Z', UserId: null },
    { Id: 2999, CreationDate: '2022-05-04T00:00:00.000Z', UserId: null },
  ]);
});

test('values that JSON lacks come as text', async () => {
  const sql = `select 9223372036854775807 as big, 'ab'::blob as bytes,
                      timestamptz '2021-01-01 01:00:00+01' as instant, 'nan'::double as nan`;
  expect(JSON.parse(await query(sql))).toEqual([
    { big: '9223372036854775807', bytes: 'YWI=', instant: '2021-01-01T00:00:00.000Z', nan: 'NaN' },
  ]);
});

test('large results come whole, in order', async () => {
  const csv = await query('select Id from blog_analysis.votes order by hash(Id)', 'csv');
  const ids = csv.trimEnd().split('\n').slice(1);
  expect(new Set(ids).size).toBe(3000);
  const sorted = await warehouse.rows('select Id from blog_analysis.votes order by hash(Id)');
  expect(ids).toEqual(sorted.map((row) => String(row['Id'])));
});

test('CSV is safe from spreadsheets, and keeps negative numbers', async () => {
  const sql = `select '=1+1' as formula, -1 as n, -1.5 as d, -12345678901234567.8 as long,
                      '' as empty, null as absent`;
  expect(await query(sql, 'csv')).toBe(
    `formula,n,d,long,empty,absent\n'=1+1,-1,-1.5,-12345678901234567.8,"",\n`,
  );
});

test('the table shows what is absent, and escapes what would break it', async () => {
  const printed = await query(`select null as a, 'x\ny' as b, [1, null] as c, true as d`, 'table');
  expect(printed).toContain('│ NULL │ x\\ny │ [1,null] │ true │');
});

test('the table is cut at 1,000 rows, and says so on standard error', async () => {
  const context = fakeContext(warehouse.path);
  await queryCommand(context, { args: ['from range(1001)'], format: 'table' });
  expect(context.printed()).toContain('│   999 │');
  expect(context.printed()).not.toContain('│  1000 │');
  expect(context.said()).toContain('more than these 1000 rows');
  const full = fakeContext(warehouse.path);
  await queryCommand(full, { args: ['from range(1000)'], format: 'table' });
  expect(full.said()).toBe('');
});

test.each([
  'from blog_analysis.votes limit 1; -- a comment',
  'with x as (select 1 as a) from x',
  'values (1)',
  'describe blog_analysis.votes',
  'summarize blog_analysis.votes',
  'show all tables',
  'pivot blog_analysis.votes on VoteTypeId in (2, 3) using count(*) group by PostId',
])('a statement that asks is answered: %s', async (sql) => {
  expect(JSON.parse(await query(sql))).not.toEqual([]);
});

test.each([
  ['select nothing', 'nothing'],
  ['selec 1', 'selec'],
  ['select ?', 'without parameters'],
  ["select 'x'::integer", 'x'],
  ["select case when Id = 900 then error('boom') else Id end from blog_analysis.votes", 'boom'],
  ['', 'one statement'],
  ['-- nothing', 'one statement'],
  ['select 1; select 2', 'one statement'],
  ['select 1; drop table blog_analysis.votes', 'one statement'],
  ["select 1') ; drop table blog_analysis.votes; --", 'quoted string'],
  ['drop table blog_analysis.votes', 'one statement'],
  ['delete from blog_analysis.votes', 'one statement'],
  ['create temp table t as select 1', 'one statement'],
  ['set threads = 1', 'one statement'],
  ['set enable_external_access = true', 'one statement'],
  ["attach '/tmp/other.db'", 'one statement'],
  ['install httpfs', 'one statement'],
  ["from read_text('/etc/hostname')", 'Permission Error'],
  ["from read_csv('https://example.org/x.csv')", 'Permission Error'],
  ["from glob('/etc/*')", 'Permission Error'],
])('a statement at fault is refused in one line: %s', async (sql, message) => {
  for (const format of ['table', 'json', 'csv'] as const) {
    const context = fakeContext(warehouse.path);
    const run = queryCommand(context, { args: [sql], format });
    await expect(run).rejects.toMatchObject({ name: 'CommandError', exitCode: 2 });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.not.toThrow('\n');
    expect(context.printed()).toBe('');
  }
});

test('a failure at the end of a large result is found before anything is printed', async () => {
  const context = fakeContext(warehouse.path);
  const sql = `select case when Id = 2999 then error('boom') else Id end from blog_analysis.votes`;
  const run = queryCommand(context, { args: [sql], format: 'csv' });
  await expect(run).rejects.toThrow('boom');
  expect(context.printed()).toBe('');
});

test('nothing can be written, neither to the warehouse nor beside it', async () => {
  const before = await readFile(warehouse.path);
  const files = await readdir(warehouse.folder);
  const target = join(warehouse.folder, 'stolen.csv');
  const statements = [
    `from Enable_Logging('QueryLog', storage = 'file', storage_path = '${target}')`,
    `copy (select 1) to '${target}'`,
    `export database '${target}'`,
    'update blog_analysis.votes set PostId = 0',
  ];
  for (const sql of statements) {
    const run = queryCommand(fakeContext(warehouse.path), { args: [sql], format: 'json' });
    await expect(run, sql).rejects.toThrow();
  }
  expect(await readdir(warehouse.folder)).toEqual(files);
  expect(before.equals(await readFile(warehouse.path))).toBe(true);
});

test.each(['table', 'json'] as const)('a signal stops a long statement: %s', async (format) => {
  const stop = new AbortController();
  const context = fakeContext(warehouse.path, { signal: stop.signal });
  const sql = 'select sum(a.range + b.range) from range(1000000) a, range(1000000) b';
  const run = queryCommand(context, { args: [sql], format });
  setImmediate(() => {
    stop.abort();
  });
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(context.printed()).toBe('');
});
