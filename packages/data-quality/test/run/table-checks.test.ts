import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { decide } from '../../src/index.ts';
import { createTable, openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';
import { calendar, columns, relation, rows, run } from './rows-table.ts';

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

describe.each(names)('checks of whole tables in %s', (name) => {
  test('of a relation that is not there, or lacks a column, say so', async () => {
    const expectations = [
      { kind: 'not_null', column: 'user' },
      { kind: 'row_count', error: { min: 0 } },
      { kind: 'schema' },
    ];
    const gone = await run(engines[name], expectations, {
      relation: { schema: 'q', table: 'gone' },
    });
    expect(gone.map(({ outcome }) => outcome)).toEqual(['error', 'error', 'error']);
    expect(gone[2]?.message).toBe('there is no q.gone');

    const lacking = { schema: 'q', table: 'lacking' };
    await createTable(engines[name], lacking, { id: 'integer', USER: 'integer' }, [['1', '1']]);
    const found = await run(engines[name], expectations, { relation: lacking });
    expect(found.map(({ outcome }) => outcome)).toEqual(['error', 'passed', 'failed']);
    expect(found[0]?.message).toBe('q.lacking has no column "user"');
  });

  test('say which columns have drifted', async () => {
    const drifted = { schema: 'q', table: 'drifted' };
    await createTable(
      engines[name],
      drifted,
      {
        kind: 'integer',
        id: 'integer',
        name: 'double',
        price: 'double',
        at: 'timestamp',
        more: 'date',
      },
      [],
    );
    const [result, ordered] = await run(
      engines[name],
      [
        { kind: 'schema' },
        { kind: 'schema', missing: 'warn', order: 'error', additional: 'allowed' },
      ],
      { relation: drifted },
    );
    expect(result?.failingKeys.map(({ column, is }) => [column, is])).toEqual([
      ['user', 'missing'],
      ['name', 'another_type'],
      ['at', 'another_type'],
      ['more', 'additional'],
    ]);
    expect(result).toMatchObject({ outcome: 'failed', failing: 4, tested: 6 });
    expect(ordered).toMatchObject({ outcome: 'failed', failing: 4 });
    expect(ordered?.failingKeys.at(-1)).toMatchObject({ column: 'kind', is: 'moved' });
  });

  test('say one thing of one, and several of several', async () => {
    const when = { column: 'id', compare: '=', value: 1 };
    const found = await run(engines[name], [
      {
        kind: 'anomaly',
        measure: { of: 'row_count' },
        minAbsoluteChange: 0,
        warn: { deviations: 1 },
        error: { deviations: 2 },
      },
      { kind: 'not_null', column: 'kind', when },
      { kind: 'not_null', column: 'kind' },
      { kind: 'set_equals', column: 'kind', values: [5], when },
    ]);
    expect(found.map(({ expected, observed }) => observed ?? expected)).toEqual([
      'within 2 deviations; within 1 deviation (warning)',
      '0 of 1 row',
      '0 of 6 rows',
      '1 value: 0 missing, 0 additional',
    ]);
  });

  test('that need a calendar are skipped without one', async () => {
    const expectations = [
      { kind: 'freshness', column: 'at' },
      { kind: 'gaps', column: 'at', expected: 'calendar', grain: 'day' },
      {
        kind: 'anomaly',
        measure: { of: 'row_count' },
        minAbsoluteChange: 0,
        warn: { deviations: 3 },
      },
    ];
    const without = await run(engines[name], expectations);
    expect(without.map(({ outcome, message }) => [outcome, message])).toEqual(
      expectations.map(() => ['skipped', 'no calendar is configured']),
    );
    expect(decide(without).fellShort).toBe(false);

    const [freshness, gaps, anomaly] = await run(engines[name], expectations, { calendar });
    // The 4th was due today at 06:00, and the newest value is of the 3rd.
    expect(freshness).toMatchObject({
      outcome: 'failed',
      expected: 'not older than 2026-03-04T00:00:00.000Z',
    });
    expect(gaps).toMatchObject({
      outcome: 'failed',
      tested: 4,
      failing: 1,
      failingKeys: [{ at: '2026-03-04T00:00:00Z' }],
    });
    expect(anomaly).toMatchObject({
      outcome: 'skipped',
      value: 6,
      message: '6; its history is too short',
    });
  });

  test('know a deadline with its grace, and an age', async () => {
    const check = (error: object) =>
      run(engines[name], [{ kind: 'freshness', column: 'at', error }], { calendar });
    const outcomes = async (...levels: object[]) =>
      Promise.all(levels.map(async (level) => (await check(level))[0]?.outcome));
    expect(
      await outcomes(
        { deadline: { graceMs: 6 * 3_600_000 } },
        { deadline: { graceMs: 6 * 3_600_000 + 1 } },
        { maxAgeMs: 36 * 3_600_000 },
        { maxAgeMs: 36 * 3_600_000 + 1 },
      ),
    ).toEqual(['failed', 'passed', 'failed', 'passed']);
  });

  test('find each slot without a row, also where the data has none at all', async () => {
    const [none] = await run(
      engines[name],
      [
        {
          kind: 'gaps',
          column: 'at',
          expected: 'calendar',
          grain: 'day',
          when: { column: 'id', in: [] },
        },
      ],
      { calendar },
    );
    expect(none?.failingKeys.map(({ at }) => at)).toEqual([
      '2026-03-01T00:00:00Z',
      '2026-03-02T00:00:00Z',
      '2026-03-03T00:00:00Z',
      '2026-03-04T00:00:00Z',
    ]);
  });

  test('compare with another table, exactly', async () => {
    const other = { schema: 'q', table: 'other' };
    await createTable(engines[name], other, { k: 'integer' }, [['9007199254740993'], ['5']]);
    const otherShape = { columns: { k: 'integer' }, key: ['k'] };
    const reconcile = (measure: object, otherMeasure: object, error?: object) => ({
      kind: 'reconcile',
      measure,
      other: { relation: other, shape: otherShape, measure: otherMeasure },
      ...(error === undefined ? {} : { error }),
    });
    const results = await run(engines[name], [
      // 1 + 2 + 3 + 4 + 5 + 2^53 + 1 is 10 more than the other, which doubles would not tell from 9 or 11.
      reconcile({ of: 'sum', column: 'id' }, { of: 'sum', column: 'k' }, { absolute: 10 }),
      reconcile({ of: 'sum', column: 'id' }, { of: 'sum', column: 'k' }, { absolute: 9 }),
      reconcile({ of: 'row_count' }, { of: 'row_count' }, { percent: 200 }),
      reconcile({ of: 'row_count' }, { of: 'row_count' }, { percent: 199.9 }),
      reconcile({ of: 'max', column: 'id' }, { of: 'max', column: 'k' }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'failed',
      'passed',
      'failed',
      'passed',
    ]);
    expect(results[1]).toMatchObject({ value: 10 });
  });

  test('compare a distribution with its baseline; values that it lacks only warn', async () => {
    const baseline = [
      { value: 5, weight: 50 },
      { value: 2, weight: 50 },
    ];
    const results = await run(engines[name], [
      { kind: 'categories', column: 'kind', statistic: 'chi_squared', baseline, error: { max: 0 } },
      {
        kind: 'categories',
        column: 'kind',
        statistic: 'total_variation',
        baseline: [
          { value: 5, weight: 3 },
          { value: 2, weight: 1 },
        ],
        error: { max: 0.2 },
      },
      {
        kind: 'categories',
        column: 'kind',
        statistic: 'cramers_v',
        baseline: [
          { value: 5, weight: 1 },
          { value: 7, weight: 1e-9 },
        ],
        error: { max: 1 },
      },
      {
        kind: 'spread',
        column: 'price',
        baseline: [
          { value: 0, share: 0.2 },
          { value: 2, share: 0.4 },
          { value: 7, share: 1 },
        ],
        error: { max: 0.2 },
      },
      {
        kind: 'spread',
        column: 'price',
        baseline: [
          { value: 0, share: 0.2 },
          { value: 2, share: 0.4 },
          { value: 7, share: 1 },
        ],
        error: { max: 0.19 },
      },
    ]);
    expect(results.map(({ outcome, value }) => [outcome, value])).toEqual([
      ['passed', 0],
      ['failed', 0.25],
      ['warned', expect.closeTo(0, 4)],
      ['passed', expect.closeTo(0.2, 9)],
      ['failed', expect.closeTo(0.2, 9)],
    ]);
    expect(results[2]?.message).toContain('3 rows have a value that the baseline lacks');
  });
});
