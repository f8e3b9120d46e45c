import type { Expectation, QualityResult } from '@sluice/schemas/expectations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runChecks, runDailyChecks } from '../../src/index.ts';
import type { HistoryPoint } from '../../src/index.ts';
import { createTable, openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';
import { calendar } from './rows-table.ts';

const relation = { schema: 'q', table: 'daily' };
const columns = { id: 'integer', day: 'date', value: 'integer', price: 'double' } as const;
const days = ['2024-03-01', '2024-03-02', '2024-03-03', '2024-03-04'];
const now = new Date('2024-03-10T00:00:00Z');
const runId = '01890000-0000-7000-8000-000000000000';

const anomaly = {
  kind: 'anomaly',
  warn: { deviations: 3 },
  minAbsoluteChange: 0,
  minHistory: 2,
} as const;
const expectations: readonly Expectation<typeof columns>[] = [
  { ...anomaly, id: 'rows', measure: { of: 'row_count' } },
  { ...anomaly, id: 'mean', measure: { of: 'mean', column: 'value' } },
  { ...anomaly, id: 'median', measure: { of: 'median', column: 'value' } },
  { ...anomaly, id: 'spread', measure: { of: 'stdev', column: 'price' } },
  { id: 'positive', kind: 'range', column: 'value', min: 0 },
];
/** Counts of rows, which days add up to, and what they do not. */
const wholeExpectations: readonly Expectation<typeof columns>[] = [
  { id: 'positive', kind: 'range', column: 'value', min: 0 },
  { id: 'there', kind: 'not_null', column: 'value' },
  {
    id: 'cheap',
    kind: 'range',
    column: 'value',
    max: 100,
    when: { column: 'id', compare: '>', value: 1 },
  },
  { id: 'unique', kind: 'unique', columns: ['id'] },
  {
    id: 'median',
    kind: 'aggregate',
    measure: { of: 'median', column: 'value' },
    error: { max: 100 },
  },
];
const suite = { dataset: 'daily', shape: { columns, key: ['id'] }, expectations };

let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
  // The third day has no row; the last one is far from what was before, and has a row that fails.
  const rows = [
    ['1', '2024-03-01', '10', '1.5'],
    ['2', '2024-03-01', '12', '2.5'],
    ['3', '2024-03-02', '11', '1.5'],
    ['4', '2024-03-02', null, '2.25'],
    ['5', '2024-03-04', '-1', 'NaN'],
    ['6', '2024-03-04', '1000', '7'],
    ['7', '2024-03-09', '5', '7'],
  ];
  for (const name of ['duckdb', 'postgres'] as const) {
    await createTable(engines[name], relation, columns, rows);
  }
});

afterAll(async () => {
  await engines.close();
});

/** What does not differ from run to run, nor by how the day was chosen. */
function comparable(result: QualityResult): QualityResult {
  return { ...result, resultId: '', durationMs: 0, scope: null };
}

describe.each(['duckdb', 'postgres'] as const)('checks of several days in %s', (name) => {
  test.each([true, false])(
    'find what checks of each day find, with a scan for all of them: %s',
    async (sharesScan) => {
      const engine = { ...engines[name], sharesScan };
      const common = { engine, suite, relation, runId, now, calendar };
      const history = (checkId: string, day: string): HistoryPoint[] =>
        ['2024-02-27', '2024-02-28', '2024-02-29'].map((at, index) => ({
          at: new Date(`${at}T00:00:00Z`),
          value: checkId.length + index + day.length,
        }));
      const handed: (readonly QualityResult[])[] = [];
      await runDailyChecks({
        ...common,
        column: 'day',
        days,
        history,
        onDay: (results) => handed.push(results),
      });
      const single = [];
      for (const day of days) {
        single.push(
          await runChecks({
            ...common,
            scope: { column: 'day', compare: '=', value: day },
            period: { from: day, to: day },
            history: (checkId) => Promise.resolve(history(checkId, day)),
          }),
        );
      }
      expect(handed.map((results) => results.map(comparable))).toEqual(
        single.map((results) => results.map(comparable)),
      );
      expect(handed.map((results) => results.map(({ outcome }) => outcome))).toEqual([
        ['warned', 'passed', 'warned', 'warned', 'passed'],
        ['warned', 'passed', 'warned', 'warned', 'passed'],
        ['warned', 'skipped', 'skipped', 'skipped', 'passed'],
        ['warned', 'warned', 'warned', 'error', 'failed'],
      ]);
    },
  );

  test.each([true, false])(
    'find of the whole what checks of it find, with a scan for all of them: %s',
    async (sharesScan) => {
      const engine = { ...engines[name], sharesScan };
      const common = { engine, relation, runId, now, calendar };
      const scope = { column: 'day', compare: '<', value: '2024-03-05' } as const;
      const ofWhole = { ...suite, expectations: wholeExpectations };
      const period = { from: '2024-03-01', to: '2024-03-04' };
      const whole = await runDailyChecks({
        ...common,
        suite,
        scope,
        column: 'day',
        days,
        history: () => [],
        onDay: () => undefined,
        whole: { suite: ofWhole, period },
      });
      const alone = await runChecks({ ...common, suite: ofWhole, scope, period });
      expect(whole.map((result) => ({ ...result, resultId: '', durationMs: 0 }))).toEqual(
        alone.map((result) => ({ ...result, resultId: '', durationMs: 0 })),
      );
      expect(whole.map(({ failing, tested }) => [failing, tested])).toEqual([
        [1, 5],
        [1, 6],
        [1, 4],
        [0, 6],
        [null, null],
      ]);
    },
  );

  test('are within a scope', async () => {
    const handed: (number | null)[] = [];
    await runDailyChecks({
      engine: engines[name],
      suite,
      relation,
      runId,
      now,
      calendar,
      scope: { column: 'id', compare: '>', value: 1 },
      column: 'day',
      days: ['2024-03-01'],
      history: () => [],
      onDay: ([rows]) => handed.push(rows?.value ?? null),
    });
    expect(handed).toEqual([1]);
  });
});
