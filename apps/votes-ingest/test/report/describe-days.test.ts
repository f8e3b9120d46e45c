import { expect, test } from 'vitest';

import { describeDays } from '../../src/report/describe-days.ts';

const none = {
  first: null,
  last: null,
  observed: 0,
  missing: 0,
  recent: [],
  recentFrom: null,
  gaps: [],
  totalGaps: 0,
};

test('a row for each month, a cell for each day from the first to the last', () => {
  const { rows, summary, states } = describeDays({
    ...none,
    first: '2024-02-27',
    last: '2024-03-02',
    recentFrom: '2024-02-27',
    observed: 4,
    missing: 1,
    recent: ['2024-02-27', '2024-02-28', '2024-03-01', '2024-03-02'],
    gaps: [{ from: '2024-02-29', to: '2024-02-29', days: 1 }],
    totalGaps: 1,
  });
  expect(rows.map(({ label }) => label)).toEqual(['2024-02', '2024-03']);
  expect(
    rows.map(({ cells }) => cells.map(({ column, style }) => `${column + 1} ${style}`)),
  ).toEqual([
    ['27 present', '28 present', '29 not_provided'],
    ['1 present', '2 present'],
  ]);
  expect(summary).toBe(
    '4 days have votes, from 2024-02-27 to 2024-03-02; 1 day between has none, in 1 gap, the longest of 1 day from 2024-02-29 on.',
  );
  expect(states.map(({ count }) => count)).toEqual([4, 1]);
});

test('without votes there is nothing but what to do', () => {
  const { rows, emptyHint } = describeDays(none);
  expect(rows).toEqual([]);
  expect(emptyHint).toContain('votes-ingest ingest');
});

test('what was cut is said', () => {
  const { notes } = describeDays({
    ...none,
    first: '2001-01-01',
    last: '2024-03-02',
    recentFrom: '2021-04-01',
    observed: 8_000,
    totalGaps: 60,
    gaps: [{ from: '2024-02-29', to: '2024-02-29', days: 1 }],
  });
  expect(notes).toEqual([
    'The calendar begins with 2021-04-01; the sums are of all days from 2001-01-01 on.',
    'These are the 1 longest of 60 gaps; votes-ingest profile lists the weeks of all.',
  ]);
});
