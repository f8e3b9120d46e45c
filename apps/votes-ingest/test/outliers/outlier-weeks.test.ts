import { DuckDbWarehouse } from '@sluice/warehouse';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import {
  createOutlierWeeks,
  readOutlierWeeks,
  weekLabel,
  weekNumberSql,
} from '../../src/outliers/outlier-weeks.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { createVotesTable, replaceVotes } from './votes-table.ts';
import type { DayVotes } from './votes-table.ts';
import { walkDays } from './walk-days.ts';

const referenceDays: readonly DayVotes[] = [
  ['2022-01-02', 1],
  ['2022-01-09', 3],
  ['2022-01-16', 3],
  ['2022-01-23', 2],
  ['2022-01-30', 2],
  ['2022-02-06', 1],
  ['2022-02-13', 1],
  ['2022-02-20', 2],
  ['2022-02-27', 1],
];

/** The Mondays on which weeks 1 to 8 of 2022 begin. */
const mondays = ['01-03', '01-10', '01-17', '01-24', '01-31', '02-07', '02-14', '02-21'];

async function outliersOf(days: readonly DayVotes[]): Promise<number[][]> {
  return withTemporaryFolder(async (folder) => {
    const warehouse = await createVotesTable(join(folder, 'w.db'), days);
    try {
      await createOutlierWeeks(warehouse);
      const weeks = await readOutlierWeeks(warehouse);
      return weeks.map(({ Year, WeekNumber, VoteCount }) => [Year, WeekNumber, VoteCount]);
    } finally {
      warehouse.close();
    }
  });
}

function votesOfWeeks(counts: readonly number[]): DayVotes[] {
  return counts.map((count, index) => [`2022-${String(mondays[index])}`, count]);
}

test('the reference example comes out exactly', async () => {
  expect(await outliersOf(referenceDays)).toEqual([
    [2022, 0, 1],
    [2022, 1, 3],
    [2022, 2, 3],
    [2022, 5, 1],
    [2022, 6, 1],
    [2022, 8, 1],
  ]);
});

test('the week of every day from 1970 to 2100 is that of %W', async () => {
  await withTemporaryFolder(async (folder) => {
    const warehouse = await DuckDbWarehouse.open({
      path: join(folder, 'w.db'),
      access: 'write',
      lockTimeoutMs: 0,
    });
    const calculated = await warehouse.rows(
      z.object({ day: z.string(), year: z.int(), week: z.int(), strftime: z.string() }),
      `select strftime(day, '%Y-%m-%d') as day, year(day) as year, ${weekNumberSql('day')} as week,
              strftime(day, '%W') as strftime
         from (select unnest(generate_series(date '1970-01-01', date '2100-12-31',
                                             interval 1 day))::date as day)
        order by day`,
    );
    warehouse.close();
    const walked = [...walkDays(1970, 2100)];
    expect(walked).toHaveLength(47_847);
    expect(calculated).toEqual(
      walked.map((day) => ({ ...day, strftime: String(day.week).padStart(2, '0') })),
    );
  });
});

test.each([
  ['exactly 20 % above the mean is none', [22, 16, 17], []],
  ['one vote above 20 % is one', [23, 16, 16], [[2022, 1, 23]]],
  ['exactly 20 % below the mean is none', [8, 11, 11], []],
  ['one vote below 20 % is one, at 20 % above it none', [7, 11, 12], [[2022, 1, 7]]],
  ['a single week is the mean itself', [7], []],
  ['equal weeks are none', [4, 4, 4, 4], []],
])('a week at the boundary: %s', async (_, counts, outliers) => {
  expect(await outliersOf(votesOfWeeks(counts))).toEqual(outliers);
});

test('a week without votes is not observed, and does not lower the mean', async () => {
  const [first, , third] = votesOfWeeks([10, 0, 12]);
  expect(await outliersOf([first ?? ['', 0], third ?? ['', 0]])).toEqual([]);
});

test('a week that spans two years is two', async () => {
  const days: DayVotes[] = [
    ['2020-12-31', 1],
    ['2021-01-01', 5],
  ];
  expect(await outliersOf(days)).toEqual([
    [2020, 52, 1],
    [2021, 0, 5],
  ]);
});

test('the view agrees with a model in integers for any votes', async () => {
  const walked = [...walkDays(2019, 2021)];
  const weekOf = new Map(walked.map((day) => [day.day, day]));
  const dayVotes = fc.tuple(
    fc.constantFrom(...walked.map((day) => day.day)),
    fc.integer({ min: 1, max: 12 }),
  );
  await withTemporaryFolder(async (folder) => {
    const warehouse = await createVotesTable(join(folder, 'w.db'), []);
    await createOutlierWeeks(warehouse);
    await fc.assert(
      fc.asyncProperty(fc.array(dayVotes, { maxLength: 30 }), async (days) => {
        const weeks = new Map<string, bigint>();
        for (const [day, votes] of days) {
          const { year, week } = weekOf.get(day) ?? { year: 0, week: 0 };
          const label = weekLabel({ Year: year, WeekNumber: week });
          weeks.set(label, (weeks.get(label) ?? 0n) + BigInt(votes));
        }
        const sum = [...weeks.values()].reduce((left, right) => left + right, 0n);
        const count = BigInt(weeks.size);
        const expected = [...weeks]
          .filter(([, votes]) => {
            const off = votes * count - sum;
            return 5n * (off < 0n ? -off : off) > sum;
          })
          .map(([label, votes]) => [label, Number(votes)])
          .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
        await replaceVotes(warehouse, days);
        const shown = await readOutlierWeeks(warehouse);
        expect(shown.map((week) => [weekLabel(week), week.VoteCount])).toEqual(expected);
      }),
      { numRuns: 150 },
    );
    warehouse.close();
  });
});

test('the view has the promised types, comments and order', async () => {
  await withTemporaryFolder(async (folder) => {
    const warehouse = await createVotesTable(join(folder, 'w.db'), referenceDays.toReversed());
    await createOutlierWeeks(warehouse);
    await createOutlierWeeks(warehouse);
    const columns = await warehouse.rows(
      z.object({ name: z.string(), type: z.string(), comment: z.string() }),
      `select column_name as name, data_type as type, comment from duckdb_columns()
        where table_name = 'outlier_weeks' order by column_index`,
    );
    const view = await warehouse.row(
      z.object({ comment: z.string() }),
      `select comment from duckdb_views() where view_name = 'outlier_weeks'`,
    );
    const weeks = await warehouse.rows(
      z.object({ WeekNumber: z.int() }),
      'select WeekNumber from blog_analysis.outlier_weeks',
    );
    warehouse.close();
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['Year', 'INTEGER'],
      ['WeekNumber', 'INTEGER'],
      ['VoteCount', 'BIGINT'],
    ]);
    expect(columns.map(({ comment }) => comment.length > 20)).toEqual([true, true, true]);
    expect(view.comment).toContain('20 %');
    expect(weeks.map(({ WeekNumber }) => WeekNumber)).toEqual([0, 1, 2, 5, 6, 8]);
  });
});
