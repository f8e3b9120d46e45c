import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import type { PlainValue } from '../src/plain-value.ts';
import { isOneSelect, readRows, streamRows } from '../src/row-stream.ts';

let folder: string;
let warehouse: DuckDbWarehouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warehouse-'));
  const path = join(folder, 'w.db');
  warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
});

afterAll(async () => {
  warehouse.close();
  await rm(folder, { recursive: true, force: true });
});

async function readAll(sql: string): Promise<(readonly PlainValue[])[]> {
  const { batches } = await streamRows(warehouse, sql);
  const rows: (readonly PlainValue[])[] = [];
  for await (const batch of batches) {
    rows.push(...batch);
  }
  return rows;
}

test.each([
  ['null', null],
  ['true', true],
  ['-1::smallint', -1],
  ['9007199254740991::bigint', 9_007_199_254_740_991],
  ['9007199254740993::bigint', 9_007_199_254_740_993n],
  ['-170141183460469231731687303715884105727::hugeint', -(2n ** 127n - 1n)],
  ['0.1::double', 0.1],
  ["'nan'::double", 'NaN'],
  ["'-infinity'::double", '-Infinity'],
  ['-1.50::decimal(4, 2)', -1.5],
  ['12345678901234567.89::decimal(30, 2)', '12345678901234567.89'],
  ["'text'", 'text'],
  ["'\\xFF\\x00a'::blob", '/wBh'],
  ["date '2021-09-04'", '2021-09-04'],
  ["timestamp '2021-09-04'", '2021-09-04T00:00:00.000Z'],
  ["timestamp '2021-09-04 01:02:03.1234'", '2021-09-04T01:02:03.123400Z'],
  ["timestamptz '2021-09-04 01:02:03+02'", '2021-09-03T23:02:03.000Z'],
  ["timestamp_s '2021-09-04 01:02:03'", '2021-09-04T01:02:03.000Z'],
  ["timestamp_ms '2021-09-04 01:02:03.5'", '2021-09-04T01:02:03.500Z'],
  ["timestamp_ns '2021-09-04 01:02:03.123456789'", '2021-09-04T01:02:03.123456789Z'],
  ["timestamp 'infinity'", 'infinity'],
  ["timestamp '0044-03-15 (BC) 00:00:00'", '0044-03-15 (BC) 00:00:00'],
  ["time '01:02:03.5'", '01:02:03.5'],
  ['interval 3 days', '3 days'],
  ["'00000000-0000-7000-8000-000000000000'::uuid", '00000000-0000-7000-8000-000000000000'],
  ['\'{"a": 1}\'::json', '{"a": 1}'],
  ["[timestamp '2021-09-04', null]", ['2021-09-04T00:00:00.000Z', null]],
  ["{'a': 1, 'b': null}", { a: 1, b: null }],
  ["map {'a': 1::bigint}", [{ key: 'a', value: 1 }]],
  ['array_value(1, 2)', [1, 2]],
  ["union_value(k := 'x')", 'x'],
])('%s comes as a plain value', async (sql, plain) => {
  expect(await readAll(`select ${sql}`)).toEqual([[plain]]);
});

test('a large result comes whole, in order, in batches', async () => {
  const { columns, rowCount, batches } = await streamRows(
    warehouse,
    `select range as id, range::varchar as name from range(100000)`,
  );
  expect(columns).toEqual([
    { name: 'id', isNumeric: true },
    { name: 'name', isNumeric: false },
  ]);
  expect(rowCount).toBe(100_000);
  let next = 0;
  let batchCount = 0;
  for await (const batch of batches) {
    batchCount += 1;
    for (const [id, name] of batch) {
      expect([id, name]).toEqual([next, String(next)]);
      next += 1;
    }
  }
  expect(next).toBe(100_000);
  expect(batchCount).toBeGreaterThan(10);
});

test('a query takes values', async () => {
  const { batches, rowCount } = await streamRows(
    warehouse,
    'select range as id from range(10) where range >= $1::bigint',
    ['8'],
  );
  expect(rowCount).toBe(2);
  for await (const batch of batches) {
    expect(batch).toEqual([[8], [9]]);
  }
});

test('names that occur twice are told apart', async () => {
  const { columns } = await streamRows(warehouse, 'select 1 as a, 2 as a');
  expect(new Set(columns.map((column) => column.name)).size).toBe(2);
});

test('a result that fails half way is an error, not a shorter result', async () => {
  await warehouse.run('create table numbers as select range as id from range(500000)');
  const sql = `select case when id = 400000 then error('boom') else id end as id from numbers`;
  await expect(readAll(sql)).rejects.toMatchObject({ name: 'WarehouseError' });
});

test.each([
  'select nothing',
  'select from',
  'from nowhere',
  "select 'x'::integer",
  "select error('x')",
  'select 9223372036854775807 + 1',
  'from range(-9223372036854775808, 9223372036854775807, 0)',
])('the fault of a statement is an error of code SQL: %s', async (sql) => {
  await expect(readAll(sql)).rejects.toMatchObject({ code: 'SQL' });
});

const endlessSql = 'select sum(a.range + b.range) as n from range(1000000) a, range(1000000) b';

test('a signal interrupts a statement, also one that has only just begun', async () => {
  const stop = new AbortController();
  const run = warehouse.interruptible(stop.signal, () => warehouse.run(endlessSql));
  stop.abort();
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await warehouse.run('select 1');
});

test('work is not begun once the signal was given', async () => {
  const run = warehouse.interruptible(AbortSignal.abort(), () =>
    warehouse.run('create table t (i int)'),
  );
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(readAll('from t')).rejects.toMatchObject({ code: 'SQL' });
});

test('a signal while rows are streamed ends in an error', async () => {
  const stop = new AbortController();
  const read = warehouse.interruptible(stop.signal, async () => {
    const { batches } = await streamRows(warehouse, 'select range as id from range(20000000)');
    for await (const batch of batches) {
      expect(batch.length).toBeGreaterThan(0);
      stop.abort();
    }
  });
  await expect(read).rejects.toMatchObject({ name: 'WarehouseError' });
});

test.each([
  ['select 1', true],
  ['select 1; -- done', true],
  ['from range(3)', true],
  ['with x as (select 1) from x', true],
  ['values (1)', true],
  ['summarize select 1', true],
  ['show tables', true],
  ['', false],
  ['-- nothing', false],
  ['select 1; select 2', false],
  ['create table t (i int)', false],
  ['insert into known values (1)', false],
  ['set threads = 1', false],
  ['begin', false],
  ['checkpoint', false],
  ['explain select 1', false],
  ['select ?', false],
  ['select $name', false],
])('whether it is one statement that asks: %s', async (sql, isOne) => {
  await warehouse.run('create table if not exists known (i int)');
  expect(await isOneSelect(warehouse, sql)).toBe(isOne);
});

test('a statement that can not be read is an error of code SQL', async () => {
  await expect(isOneSelect(warehouse, 'selec 1')).rejects.toMatchObject({ code: 'SQL' });
  await expect(isOneSelect(warehouse, 'from nowhere')).rejects.toMatchObject({ code: 'SQL' });
});

test('all rows of a query come with their columns', async () => {
  expect(await readRows(warehouse, `select 1 as id, 'x' as name where false`)).toEqual({
    columns: [
      { name: 'id', isNumeric: true },
      { name: 'name', isNumeric: false },
    ],
    rows: [],
  });
  const { rows } = await readRows(warehouse, 'from range(5000)');
  expect(rows).toHaveLength(5000);
  await expect(readRows(warehouse, `select error('x')`)).rejects.toMatchObject({ code: 'SQL' });
});
