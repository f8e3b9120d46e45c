import { DuckDbWarehouse } from '@sluice/warehouse';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { weekNumberSql } from '../../src/outliers/outlier-weeks.ts';
import { fillWeeks } from '../../src/report/fill-weeks.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

function week(Year: number, WeekNumber: number, VoteCount = 1) {
  return { Year, WeekNumber, VoteCount, isOutlier: VoteCount > 5, mean: 1 };
}

test('no weeks are none', () => {
  expect(fillWeeks([])).toEqual([]);
});

test('weeks without votes are there, without a number', () => {
  expect(fillWeeks([week(2021, 51), week(2022, 1, 9)])).toEqual([
    { label: '2021-W51', count: 1, isOutlier: false },
    { label: '2021-W52', count: null, isOutlier: false },
    { label: '2022-W00', count: null, isOutlier: false },
    { label: '2022-W01', count: 9, isOutlier: true },
  ]);
});

test('a wrong date thousands of years away makes no longer page', () => {
  const weeks = fillWeeks([week(1, 1), week(9999, 10)]);
  expect(weeks.length).toBeLessThan(300);
  expect(weeks.at(-1)?.label).toBe('9999-W10');
});

test('the calendar is that of the view, in every kind of year', { timeout: 120_000 }, async () => {
  await withTemporaryFolder(async (folder) => {
    const warehouse = await DuckDbWarehouse.open({
      path: join(folder, 'weeks.db'),
      access: 'write',
      lockTimeoutMs: 0,
    });
    try {
      for (let year = 1999; year < 2029; year += 4) {
        const weeks = await warehouse.rows(
          z.object({ Year: z.int(), WeekNumber: z.int() }),
          `select distinct year(day)::integer as Year, (${weekNumberSql('day')})::integer as WeekNumber
             from (select unnest(generate_series(date '${year}-01-01', date '${year + 3}-12-31', interval 1 day))::date as day)
            order by Year, WeekNumber`,
        );
        const known = weeks.map(({ Year, WeekNumber }) => week(Year, WeekNumber));
        const ends = [known.at(0), known.at(-1)].flatMap((end) => end ?? []);
        expect(fillWeeks(ends).map(({ label }) => label)).toEqual(
          fillWeeks(known).map(({ label }) => label),
        );
        expect(fillWeeks(ends)).toHaveLength(known.length);
      }
    } finally {
      warehouse.close();
    }
  });
});
