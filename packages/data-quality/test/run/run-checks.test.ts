import { qualityResultSchema, steadyCalendar } from '@sluice/schemas/expectations';
import type { RowKey } from '@sluice/schemas/expectations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { duckDbEngine } from '../../src/engine/duckdb-engine.ts';
import { postgresEngine } from '../../src/engine/postgres-engine.ts';
import { decide, failingRowsStatement, readFailingKeys, runChecks } from '../../src/index.ts';
import type { FailingKeysOf } from '../../src/index.ts';
import { createTable, openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';
import { columns, idsOf, now, numbered, relation, rows, run, shape } from './rows-table.ts';

let engines: Engines;
const names = ['duckdb', 'postgres'] as const;

beforeAll(async () => {
  engines = await openEngines();
  for (const name of names) {
    await createTable(engines[name], relation, columns, rows);
  }
});

afterAll(async () => {
  await engines.close();
});

describe.each(names)('checks in %s', (name) => {
  test('give what was found, what was expected, and which rows failed', async () => {
    const [result] = await run(engines[name], [
      { kind: 'range', column: 'price', min: 0, warn: { count: 0 }, error: { percent: 40 } },
    ]);
    expect(qualityResultSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      runId: '01890000-0000-7000-8000-000000000001',
      dataset: 'rows',
      relation: 'q.rows',
      checkId: '0',
      kind: 'range',
      outcome: 'warned',
      severity: 'warn',
      action: 'warn',
      observed: '2 of 5 rows',
      expected: 'at most 40 % failing; at most 0 failing (warning)',
      value: 2,
      tested: 5,
      failing: 2,
      message: '2 of 5 rows',
      checkedAt: '2026-03-05T12:00:00.000Z',
      failingKeys: [{ id: 3 }, { id: 5 }],
    });
  });

  test('may leave out the rows that a check allows which passes', async () => {
    const expectations = [
      { kind: 'range', column: 'price', min: 0, error: { percent: 90 } },
      { kind: 'range', column: 'price', min: 0, warn: { count: 0 } },
      {
        kind: 'range',
        column: 'price',
        min: 0,
        when: { column: 'id', is: 'not_null' },
        error: { percent: 90 },
      },
    ];
    const results = await run(engines[name], expectations, { keysOfPassed: false });
    expect(results.map(({ failing }) => failing)).toEqual([2, 2, 2]);
    expect(results.map(idsOf)).toEqual([[], [3, 5], []]);
  });

  test('tell a value that is missing from one that is not expected, and from a sentinel', async () => {
    const results = await run(engines[name], [
      {
        id: 'user',
        kind: 'missing',
        column: 'user',
        sentinels: [-1],
        expectedWhen: { column: 'kind', in: [5, 8] },
        missing: { error: { count: 0 }, action: 'quarantine' },
        sentinel: { warn: { count: 0 }, error: { percent: 90 } },
        unexpected: { warn: { count: 0 } },
      },
    ]);
    expect(
      results.map((result) => [result.checkId, result.outcome, result.action, idsOf(result)]),
    ).toEqual([
      ['user.missing', 'failed', 'quarantine', [2]],
      ['user.sentinel', 'warned', 'warn', [3, 9_007_199_254_740_993n]],
      ['user.expected_missing', 'passed', null, [4]],
      ['user.unexpected', 'warned', 'warn', [5]],
    ]);
    expect(results.map(({ tested }) => tested)).toEqual([3, 4, 3, 2]);
  });

  test('that can not be evaluated say why, and keep no other from being run', async () => {
    const bad = { duckdb: `error('boom')`, postgres: `1 / (t."kind" - 5) > 0` };
    const results = await run(engines[name], [
      { kind: 'not_null', column: 'user' },
      { kind: 'not_null', column: 'nowhere' },
      { kind: 'pattern', column: 'name', pattern: '\\d' },
      { kind: 'expression', sql: bad },
      { kind: 'expression', sql: { duckdb: 'not sql at all', postgres: 'not sql at all' } },
      {
        kind: 'reference',
        columns: ['kind'],
        references: { relation: { schema: 'q', table: 'gone' }, columns: ['k'] },
      },
      { kind: 'aggregate', measure: { of: 'mean', column: 'name' }, error: { min: 0 } },
      { kind: 'row_count', error: { min: 6, max: 6 } },
      { kind: 'unique', columns: ['kind'], error: { count: 100 } },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'error',
      'error',
      'error',
      'error',
      'error',
      'error',
      'passed',
      'passed',
    ]);
    expect(results[1]?.message).toBe('no column "nowhere" is declared');
    expect(results[2]?.message).toContain('write [0-9] for \\d');
    expect(results[3]?.message).toMatch(/boom|division by zero/);
    expect(results[8]?.failing).toBe(6);
    expect(decide(results)).toMatchObject({ fellShort: true, refusing: [], quarantining: [] });
  });

  test('that can not be evaluated keep the batch out where they were to, and quarantine nothing', async () => {
    const results = await run(engines[name], [
      { kind: 'not_null', column: 'nowhere', action: 'refuse' },
      { kind: 'pattern', column: 'name', pattern: '\\d', action: 'quarantine' },
      { kind: 'row_count', error: { min: 'many' }, action: 'refuse' },
      { kind: 'row_count', error: { min: 6 }, action: 'refuse' },
    ]);
    expect(results.map(({ outcome, action }) => [outcome, action])).toEqual([
      ['error', 'refuse'],
      ['error', null],
      ['error', 'refuse'],
      ['passed', null],
    ]);
    const { refusing, quarantining } = decide(results);
    expect(refusing.map(({ checkId }) => checkId)).toEqual(['0', '2']);
    expect(quarantining).toEqual([]);
  });

  test('keep the first keys only, and count all', async () => {
    const [result] = await run(engines[name], [{ kind: 'null', column: 'id' }], { keyLimit: 2 });
    expect(result).toMatchObject({ failing: 6, failingKeys: [{ id: 1 }, { id: 2 }] });
    const [none] = await run(engines[name], [{ kind: 'null', column: 'id' }], { keyLimit: 0 });
    expect(none).toMatchObject({ failing: 6, failingKeys: [] });
  });

  test('give all failing keys, in their order, and the rows themselves', async () => {
    const engine = engines[name];
    const suite = {
      dataset: 'rows',
      shape,
      expectations: numbered([{ kind: 'not_in_set', column: 'kind', values: [2] }]),
    };
    const keys: unknown[] = [];
    const count = await readFailingKeys(engine, { suite, checkId: '0', relation }, (batch) => {
      keys.push(...batch);
    });
    expect(count).toBe(3);
    expect(keys).toEqual([{ id: 4 }, { id: 5 }, { id: 9_007_199_254_740_993n }]);

    const { text, values } = failingRowsStatement(engine.dialect, {
      suite,
      checkId: '0',
      relation,
    });
    await createTable(engine, { schema: 'q', table: 'quarantine' }, columns, []);
    await engine.write((session) =>
      session.run({ text: `insert into q.quarantine ${text}`, values }),
    );
    const [count_] = await run(engine, [{ kind: 'row_count', error: { min: 3, max: 3 } }], {
      relation: { schema: 'q', table: 'quarantine' },
    });
    expect(count_?.outcome).toBe('passed');

    await expect(
      readFailingKeys(engine, { suite, checkId: 'x', relation }, () => undefined),
    ).rejects.toThrow('has no check x');
    const whole = { ...suite, expectations: numbered([{ kind: 'row_count', error: { min: 1 } }]) };
    await expect(
      readFailingKeys(engine, { suite: whole, checkId: '0', relation }, () => undefined),
    ).rejects.toThrow('about the whole table');
  });

  test('give all that fails which is no row, more than a result has', async () => {
    const engine = engines[name];
    const suite = {
      dataset: 'rows',
      shape,
      expectations: numbered([
        { kind: 'gaps', column: 'at', expected: 'calendar', grain: 'day' },
        { kind: 'set_equals', column: 'kind', values: [2, 3] },
        { kind: 'schema' },
      ]),
    };
    const longer = steadyCalendar({
      firstMs: Date.UTC(2020, 0, 1),
      stepMs: 86_400_000,
      dueAfterMs: 0,
    });
    const read = async (checkId: string, options: Partial<FailingKeysOf> = {}) => {
      const batches: (readonly RowKey[])[] = [];
      await readFailingKeys(engine, { suite, checkId, relation, ...options }, (keys) => {
        batches.push(keys);
      });
      return batches.flat();
    };
    const [gaps] = await run(engine, suite.expectations, { calendar: longer });
    expect(gaps?.failingKeys).toHaveLength(1_000);
    const slots = await read('0', { calendar: longer, now });
    expect(slots).toHaveLength(gaps?.failing ?? 0);
    expect(slots.slice(0, 1_000)).toEqual(gaps?.failingKeys);
    expect(slots.at(-1)).toEqual({ at: '2026-03-04T00:00:00Z' });
    expect(await read('0')).toEqual([]);
    expect(await read('1')).toEqual([
      { kind: 3, is: 'missing' },
      { kind: 5, is: 'additional' },
    ]);
    expect(await read('2')).toEqual([]);
  });

  test('name rows by keys of several columns of any type, in one order', async () => {
    const keyed = { schema: 'q', table: 'keyed' };
    const keyColumns = {
      name: 'text',
      at: 'timestamp',
      price: 'double',
      ok: 'boolean',
      day: 'date',
    } as const;
    await createTable(engines[name], keyed, keyColumns, [
      ['b', '2024-01-01 00:00:00', '1', 'true', '2024-01-01'],
      ['B', '2024-01-01 00:00:00.5', '-0', 'false', null],
      ['é', '0001-01-01 00:00:00', 'NaN', null, 'infinity'],
      ['a', 'infinity', '0.1', 'true', '9999-12-31'],
      [null, null, null, null, null],
    ]);
    const results = await runChecks({
      engine: engines[name],
      suite: {
        dataset: 'keyed',
        shape: { columns: keyColumns, key: ['name', 'at', 'price', 'ok', 'day'] },
        expectations: [{ id: 'x', kind: 'expression', sql: 'false' }],
      },
      relation: keyed,
      runId: '01890000-0000-7000-8000-000000000001',
      now,
    });
    expect(results[0]?.failingKeys).toEqual([
      { name: 'B', at: '2024-01-01T00:00:00.5', price: 0, ok: false, day: null },
      { name: 'a', at: 'infinity', price: 0.1, ok: true, day: '9999-12-31' },
      { name: 'b', at: '2024-01-01T00:00:00', price: 1, ok: true, day: '2024-01-01' },
      { name: 'é', at: '0001-01-01T00:00:00', price: 'NaN', ok: null, day: 'infinity' },
      { name: null, at: null, price: null, ok: null, day: null },
    ]);
  });

  test('take names and values that would be SQL', async () => {
    const odd = { schema: 'q', table: `o"dd'; drop table q.rows; --` };
    const oddColumns = { 'id"': 'integer', [`'; drop table q.rows; --`]: 'text' } as const;
    await createTable(engines[name], odd, oddColumns, [['1', `'; drop table q.rows; --`]]);
    const results = await runChecks({
      engine: engines[name],
      suite: {
        dataset: 'odd',
        shape: { columns: oddColumns, key: ['id"'] },
        expectations: [
          {
            id: 'a',
            kind: 'not_in_set',
            column: `'; drop table q.rows; --`,
            values: [`'; drop table q.rows; --`],
          },
          { id: 'b', kind: 'expression', sql: `"id""" = 2 and 'x''; drop table q.rows; --' <> ''` },
        ],
      },
      relation: odd,
      runId: '01890000-0000-7000-8000-000000000001',
      now,
    });
    expect(results.map(({ failingKeys }) => failingKeys)).toEqual([[{ 'id"': 1 }], [{ 'id"': 1 }]]);
    const [still] = await run(engines[name], [{ kind: 'row_count', error: { min: 6 } }]);
    expect(still?.outcome).toBe('passed');
  });
});

test('in a transaction of Postgres, checks see what it wrote, and leave it usable where one fails', async () => {
  await engines.database.transaction(async (tx) => {
    await tx.run('create table q.staged as select * from q.rows where id < 3');
    const results = await run(
      postgresEngine(tx),
      [
        { kind: 'row_count', error: { max: 2 } },
        { kind: 'expression', sql: { duckdb: '', postgres: '1 / (t.id - 1) > 0' } },
        { kind: 'unique', columns: ['id'] },
      ],
      { relation: { schema: 'q', table: 'staged' } },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['passed', 'error', 'passed']);
    await tx.run('drop table q.staged');
  });
});

test('in a transaction of DuckDB, checks see what it wrote, and what can be seen beforehand ends nothing', async () => {
  const { warehouse, duckdb } = engines;
  await warehouse.transaction(async () => {
    await warehouse.run('create table q.staged as select * from q.rows where id < 3');
    const results = await run(
      duckdb,
      [
        { kind: 'row_count', error: { max: 2 } },
        { kind: 'not_null', column: 'nowhere' },
        { kind: 'expression', sql: { duckdb: 'nowhere > 5', postgres: '' } },
        { kind: 'aggregate', measure: { of: 'stdev', column: 'price' }, error: { min: 0 } },
        { kind: 'unique', columns: ['id'] },
      ],
      { relation: { schema: 'q', table: 'staged' } },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'error',
      'error',
      'passed',
      'passed',
    ]);
    await warehouse.run('drop table q.staged');
  });
});

test('a check that ends a transaction of DuckDB is the first result with the outcome error', async () => {
  const engine = duckDbEngine(engines.warehouse, {
    isInTransaction: true,
    sharesScan: false,
  });
  await engines.warehouse.run('begin transaction');
  try {
    const overflow = 't."id" * t."id" * t."id" > 0';
    const results = await run(engine, [
      { kind: 'not_null', column: 'id' },
      { kind: 'not_null', column: 'nowhere' },
      { kind: 'expression', sql: { duckdb: overflow, postgres: overflow } },
      { kind: 'row_count', error: { min: 1 } },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['passed', 'error', 'error', 'error']);
    expect(results[2]?.message).toContain('Overflow');
    expect(results[3]?.message).toContain('transaction is aborted');
  } finally {
    await engines.warehouse.rollback();
  }
});
