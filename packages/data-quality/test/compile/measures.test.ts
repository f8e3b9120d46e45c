import type { ExpectationSuite, Measure } from '@sluice/schemas/expectations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runChecks } from '../../src/index.ts';
import { createTable, openEngines } from '../engines.ts';
import type { CellText, Engines } from '../engines.ts';

const columns = { id: 'integer', n: 'integer', d: 'double', s: 'text', at: 'timestamp' } as const;
const relation = { schema: 'q', table: 'measured' };
const maxInt64 = '9223372036854775807';

/** 1 to 10 in another order, halves of them, and as many nulls. */
const rows: CellText[][] = [3, 1, 10, 2, 9, 4, 8, 5, 7, 6].flatMap((n) => [
  [
    String(n),
    String(n),
    String(n / 2),
    n % 2 === 0 ? 'even' : 'Even',
    `2024-01-${String(n).padStart(2, '0')} 00:00:00`,
  ],
  [String(-n), null, null, null, null],
]);
const large: CellText[][] = [maxInt64, maxInt64, '1'].map((n, index) => [
  String(index),
  n,
  null,
  null,
  'infinity',
]);

let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
});

afterAll(async () => {
  await engines.close();
});

describe.each(['duckdb', 'postgres'] as const)('a measure in %s', (name) => {
  const measureOf = async (measure: object, ofRows: CellText[][] = rows) => {
    await createTable(engines[name], relation, columns, ofRows);
    const suite: ExpectationSuite = {
      dataset: 'x',
      shape: { columns, key: ['id'] },
      expectations: [
        {
          id: 'x',
          kind: 'aggregate',
          measure: measure as Measure, // one of those below
          error:
            'column' in measure && measure.column === 'at' ? { min: '0001-01-01' } : { min: -1e9 },
        },
      ],
    };
    const runId = '01890000-0000-7000-8000-000000000003';
    const [result] = await runChecks({
      engine: engines[name],
      suite,
      relation,
      runId,
      now: new Date(0),
    });
    return result?.outcome === 'passed'
      ? result.observed
      : `${result?.outcome ?? ''} ${result?.message ?? ''}`;
  };

  test.each([
    [{ of: 'row_count' }, '20'],
    [{ of: 'min', column: 'n' }, '1'],
    [{ of: 'max', column: 'd' }, '5'],
    [{ of: 'min', column: 'at' }, '2024-01-01 00:00:00'],
    [{ of: 'sum', column: 'n' }, '55'],
    [{ of: 'mean', column: 'n' }, '5.5'],
    [{ of: 'sum', column: 'd' }, '27.5'],
    [{ of: 'mean', column: 'd' }, '2.75'],
    [{ of: 'stdev', column: 'd' }, '1.5138251770487459'],
    [{ of: 'median', column: 'n' }, '5'],
    [{ of: 'median', column: 'at' }, '2024-01-05 00:00:00'],
    [{ of: 'quantile', column: 'n', fraction: 0.1 }, '1'],
    [{ of: 'quantile', column: 'n', fraction: 0.11 }, '2'],
    // 0.3 · 10 is 3 and no more, which doubles would make of 0.1 · 3 · 10.
    [{ of: 'quantile', column: 'n', fraction: 0.3 }, '3'],
    [{ of: 'quantile', column: 'd', fraction: 0.7 }, '3.5'],
    [{ of: 'quantile', column: 'n', fraction: 1 }, '10'],
    [{ of: 'quantile', column: 'n', fraction: 1e-9 }, '1'],
    [{ of: 'distinct_count', column: 's' }, '2'],
    [{ of: 'distinct_ratio', column: 's' }, '0.2'],
    [{ of: 'completeness', column: 's' }, '0.5'],
    [{ of: 'entropy', column: 's' }, '1'],
    [{ of: 'entropy', column: 'n' }, String(Math.log2(10))],
  ])('%o is %s', async (measure, observed) => {
    const found = await measureOf(measure);
    // Of the deviation the last digits are each engine's own.
    expect(Number(found).toPrecision(12)).toBe(Number(observed).toPrecision(12));
    expect(found?.slice(0, 12)).toBe(observed.slice(0, 12));
  });

  test('of large integers is exact', async () => {
    expect(await measureOf({ of: 'sum', column: 'n' }, large)).toBe('18446744073709551615');
    expect(await measureOf({ of: 'max', column: 'n' }, large)).toBe(maxInt64);
    expect(await measureOf({ of: 'max', column: 'at' }, large)).toBe('infinity');
  });

  test.each([
    { of: 'min', column: 'n' },
    { of: 'sum', column: 'n' },
    { of: 'mean', column: 'd' },
    { of: 'median', column: 'd' },
    { of: 'completeness', column: 's' },
    { of: 'entropy', column: 's' },
  ])('%o of nothing is nothing, and the check is skipped', async (measure) => {
    expect(await measureOf(measure, [])).toBe('skipped there is nothing to measure');
  });

  test.each(['NaN', 'Infinity', '-Infinity', '1e300'])(
    'of doubles with %s is NaN, which is in no bounds',
    async (odd) => {
      const withOdd = [...rows, ['99', null, odd, null, null]];
      expect(await measureOf({ of: 'mean', column: 'd' }, withOdd)).toBe('failed NaN');
      expect(await measureOf({ of: 'stdev', column: 'd' }, withOdd)).toBe('failed NaN');
    },
  );
});
