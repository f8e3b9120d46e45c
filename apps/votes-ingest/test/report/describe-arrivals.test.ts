import type { CoveredFile, FileState } from '@sluice/schemas';
import { expect, test } from 'vitest';

import { describeArrivals } from '../../src/report/describe-arrivals.ts';

const file = 'votes-{date}.jsonl';

function expected(firstDay: string, state: FileState, lastDay = firstDay): CoveredFile {
  return {
    name: `votes-${firstDay}.jsonl`,
    firstDay,
    lastDay,
    state,
    dueAt: `${lastDay}T23:00:00Z`,
    since: null,
    reason: `because of ${firstDay}`,
    isGivenUp: false,
    actions: ['accept'],
  };
}

test('has a cell for each day that a file covers, with the state of the file', () => {
  const { rows, states, summary, gaps } = describeArrivals({
    file,
    files: [
      expected('2021-09-29', 'present'),
      expected('2021-09-30', 'not_provided'),
      expected('2021-10-01', 'not_provided'),
      expected('2021-10-02', 'not_expected'),
      expected('2021-10-03', 'not_provided'),
      expected('2021-10-04', 'not_collected'),
      expected('2021-10-05', 'not_due'),
    ],
  });
  expect(
    rows.map(({ label, cells }) => [
      label,
      ...cells.map(({ column, style }) => `${column + 1} ${style}`),
    ]),
  ).toEqual([
    ['2021-09', '29 present', '30 not_provided'],
    [
      ...['2021-10', '1 not_provided', '2 not_expected', '3 not_provided'],
      ...['4 not_collected', '5 not_due'],
    ],
  ]);
  expect(summary).toBe(
    '1 of 5 files that are due are there (20.0 %); 1 is not collected; 3 are not provided; ' +
      'of what the source had 50.0 % came. They are named votes-{date}.jsonl.',
  );
  expect(states.find(({ style }) => style === 'not_provided')).toMatchObject({ count: 3 });
  expect(gaps.map(({ from, to, style, count }) => [from, to, style, count])).toEqual([
    ['2021-10-04', '2021-10-04', 'not_collected', 1],
    ['2021-10-03', '2021-10-03', 'not_provided', 1],
    ['2021-09-30', '2021-10-01', 'not_provided', 2],
  ]);
});

test('a file of a week is on each of its days', () => {
  const files = [
    expected('2021-09-06', 'present', '2021-09-12'),
    expected('2021-09-13', 'late', '2021-09-19'),
  ];
  const { rows } = describeArrivals({ file, files });
  expect(rows[0]?.cells.map(({ style }) => style)).toEqual([
    ...Array.from({ length: 7 }, () => 'present'),
    ...Array.from({ length: 7 }, () => 'late'),
  ]);
});

test('shows the newest three years, and says so', () => {
  const { rows, notes } = describeArrivals({
    file,
    files: [expected('2015-01-01', 'present'), expected('2021-02-01', 'present')],
  });
  expect(rows).toHaveLength(36);
  expect(notes).toEqual([
    'The calendar begins with 2018-03-01; the sums are of all files from 2015-01-01 on.',
  ]);
});

test('without a file that is due says so', () => {
  expect(describeArrivals({ file, files: [] })).toMatchObject({ rows: [], gaps: [] });
  expect(describeArrivals({ file, files: [expected('2021-09-01', 'not_due')] }).summary).toContain(
    'No file is due yet.',
  );
});
