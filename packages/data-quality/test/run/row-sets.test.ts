import type { Expectation } from '@sluice/schemas/expectations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { failingRowsStatement, readFailingKeys } from '../../src/index.ts';
import { createTable, openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';
import { columns, idsOf, numbered, relation, rows, run, shape } from './rows-table.ts';

const names = ['duckdb', 'postgres'] as const;
const copy = { schema: 'q', table: 'copy' };
let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
  for (const name of names) {
    await createTable(engines[name], relation, columns, rows);
    await createTable(engines[name], copy, columns, [
      ['1', '5', '10', 'a', '1.5', '2026-03-01 02:00:00+01'],
      ['2', '5', '12', 'B', '2.5', '2026-03-01 02:00:00+00'],
      ['3', '5', '-1', 'c', 'NaN', '2026-03-02 01:00:00+00'],
      ['5', '2', '11', '', '-1', '2026-03-03 23:59:59.999999+00'],
      ['5', '2', '11', '', '-1', '2026-03-03 23:59:59.999999+00'],
      ['9', '2', '11', '', '-1', '2026-03-03 23:59:59.999999+00'],
      ['9007199254740993', '2', '-1', 'é', '7', '2026-03-03 12:00:00+00'],
    ]);
  }
});

afterAll(async () => {
  await engines.close();
});

describe.each(names)('same_rows in %s', (name) => {
  test('says of each key that differs what is the matter, and in which columns', async () => {
    const [result] = await run(engines[name], [
      { kind: 'same_rows', other: { relation: copy }, error: { count: 3 }, warn: { count: 0 } },
    ]);
    expect(result).toMatchObject({
      outcome: 'failed',
      tested: 7,
      failing: 4,
      observed: '4 of 7 keys: 1 missing in q.copy, 2 missing here, 1 different',
      failingKeys: [
        { id: 2, is: 'different', columns: 'user, name' },
        { id: 4, is: 'missing_there' },
        { id: 5, is: 'missing_here' },
        { id: 9, is: 'missing_here' },
      ],
    });
  });

  test('compares the columns that are asked for, by another key, where a condition holds', async () => {
    const results = await run(engines[name], [
      { kind: 'same_rows', other: { relation: copy }, columns: ['kind'] },
      { kind: 'same_rows', other: { relation: copy }, key: ['at'], columns: [] },
      {
        kind: 'same_rows',
        other: { relation: copy, names: { user: 'kind' } },
        columns: ['user'],
        when: { column: 'id', compare: '<=', value: 3 },
      },
    ]);
    expect(results.map(({ failing, tested }) => [failing, tested])).toEqual([
      [3, 7],
      [2, 6],
      [3, 3],
    ]);
    expect(results[1]?.failingKeys).toEqual([
      { at: '2026-03-03T01:00:00Z', is: 'missing_there' },
      { at: '2026-03-03T23:59:59.999999Z', is: 'missing_here' },
    ]);
  });

  test('lists the first ones, and all of them batch by batch', async () => {
    const expectation = { kind: 'same_rows', other: { relation: copy } };
    const [result] = await run(engines[name], [expectation], { keyLimit: 2 });
    expect(result?.failingKeys).toHaveLength(2);
    const check = {
      suite: { dataset: 'rows', shape, expectations: numbered([expectation]) },
      checkId: '0',
      relation,
    };
    const keys: unknown[] = [];
    expect(await readFailingKeys(engines[name], check, (batch) => void keys.push(...batch))).toBe(
      4,
    );
    expect(keys.slice(0, 2)).toEqual(result?.failingKeys);
    expect(() => failingRowsStatement(engines[name].dialect, check)).toThrow(
      'about the whole table',
    );
  });

  test('can not be evaluated where the other relation lacks a column', async () => {
    const [result, other] = await run(engines[name], [
      { kind: 'same_rows', other: { relation: copy, names: { name: 'nickname' } } },
      { kind: 'row_count', error: { min: 1 } },
    ]);
    expect(result).toMatchObject({ outcome: 'error' });
    expect(result?.message).toContain('nickname');
    expect(other?.outcome).toBe('passed');
  });
});

describe.each(names)('a sequence in %s', (name) => {
  test('has no holes: the row after one fails', async () => {
    const results = await run(engines[name], [
      { kind: 'sequence', column: 'id', step: 1 },
      { kind: 'sequence', column: 'id', step: 1, when: { column: 'id', compare: '<', value: 9 } },
      { kind: 'sequence', column: 'at', step: 'hour' },
      { kind: 'sequence', column: 'at', step: { ms: 3_600_000 }, partitionBy: ['kind'] },
    ]);
    expect(results.map(idsOf)).toEqual([
      [9_007_199_254_740_993n],
      [],
      [3, 4, 5, 9_007_199_254_740_993n],
      [3, 5, 9_007_199_254_740_993n],
    ]);
  });

  test('rises, or falls, in the order of other columns', async () => {
    const results = await run(engines[name], [
      { kind: 'sequence', column: 'at', orderBy: ['id'] },
      { kind: 'sequence', column: 'kind', orderBy: ['id'], direction: 'descending' },
      {
        kind: 'sequence',
        column: 'kind',
        orderBy: ['id'],
        direction: 'descending',
        mayRepeat: true,
      },
      { kind: 'sequence', column: 'user', orderBy: ['kind'], mayRepeat: true },
    ]);
    expect(results.map(idsOf)).toEqual([
      [9_007_199_254_740_993n],
      [2, 3, 5, 9_007_199_254_740_993n],
      [],
      [1, 3],
    ]);
    expect(results[3]).toMatchObject({ tested: 4, failing: 2 });
  });

  test.each([
    [{ column: 'id' }, 'a step is wanted'],
    [{ column: 'id', step: 1, direction: 'descending' }, 'a step is wanted'],
    [{ column: 'id', step: 0 }, 'a whole number above 0'],
    [{ column: 'id', step: 1.5 }, 'a whole number above 0'],
    [{ column: 'id', step: -1n }, 'a whole number above 0'],
    [{ column: 'at', step: { ms: 0 } }, 'whole ms above 0'],
    [{ column: 'at', step: 5 }, 'whole ms above 0'],
    [{ column: 'id', step: 1, orderBy: ['at'], mayRepeat: true }, 'does not repeat'],
    [{ column: 'id', step: 1, orderBy: [] }, 'a step is wanted'],
  ])('that is declared wrongly is no check: %o', async (declared, message) => {
    const [result] = await run(engines[name], [{ kind: 'sequence', ...declared }]);
    expect(result).toMatchObject({ outcome: 'error' });
    expect(result?.message).toContain(message);
  });
});

describe.each(names)('no_outliers in %s', (name) => {
  const numbers = { schema: 'q', table: 'numbers' };
  const ofNumbers = {
    suite: { dataset: 'numbers', shape: { columns, key: ['id'] } },
    relation: numbers,
  };

  beforeAll(async () => {
    const prices = ['1', '2', '3', '4', '5', '100', '-90', 'Infinity', null];
    await createTable(
      engines[name],
      numbers,
      columns,
      prices.map((price, index) => [
        String(index),
        index % 2 === 0 ? '2' : '5',
        price === null || price === 'Infinity' ? null : price,
        'a',
        price,
        null,
      ]),
    );
  });

  test('are far from the median in deviations, and in distance', async () => {
    const results = await run(
      engines[name],
      [
        { kind: 'no_outliers', column: 'price', deviations: 3 },
        { kind: 'no_outliers', column: 'user', deviations: 3 },
        { kind: 'no_outliers', column: 'price', deviations: 3, minDistance: 95 },
        { kind: 'no_outliers', column: 'price', deviations: 0.5, partitionBy: ['kind'] },
        { kind: 'no_outliers', column: 'id', deviations: 1, partitionBy: ['id'] },
      ],
      { relation: ofNumbers.relation },
    );
    expect(results.map(idsOf)).toEqual([[5, 6, 7], [5, 6], [5, 7], [1, 2, 4, 5, 6, 7], []]);
    expect(results[0]).toMatchObject({ tested: 8 });
  });

  test.each([
    { deviations: 0 },
    { deviations: 1_001 },
    { deviations: Number.NaN },
    { deviations: 1, minDistance: -1 },
  ])('that is declared wrongly is no check: %o', async (declared) => {
    const [result] = await run(engines[name], [
      { kind: 'no_outliers', column: 'price', ...declared },
    ]);
    expect(result).toMatchObject({ outcome: 'error' });
    expect(result?.message).toContain('deviations above 0');
  });
});

test.each(names)(
  'failing rows have the columns of the relation, and no others, in %s',
  async (name) => {
    const expectations = numbered([
      { kind: 'sequence', column: 'at', orderBy: ['id'] },
      { kind: 'no_outliers', column: 'user', deviations: 0.1 },
      { kind: 'no_overlap', from: 'kind', to: 'id' },
      { kind: 'unique', columns: ['kind'] },
      { kind: 'json', column: 'name' },
    ]) satisfies readonly Expectation[];
    for (const { id } of expectations) {
      const { text, values } = failingRowsStatement(engines[name].dialect, {
        suite: { dataset: 'rows', shape, expectations },
        checkId: id,
        relation,
      });
      await createTable(engines[name], { schema: 'q', table: 'failed' }, columns, []);
      await engines[name].write((session) =>
        session.run({ text: `insert into q.failed ${text}`, values }),
      );
      const [schema, count] = await run(
        engines[name],
        [
          { kind: 'schema', order: 'error' },
          { kind: 'row_count', error: { min: 1 } },
        ],
        { relation: { schema: 'q', table: 'failed' } },
      );
      expect([schema?.outcome, count?.outcome]).toEqual(['passed', 'passed']);
    }
  },
);
