import { expect, test } from 'vitest';

import { listGaps } from '../../src/report/list-gaps.ts';
import type { CoveragePart } from '../../src/report/read-coverage-facts.ts';

function part(
  key: string | null,
  businessDay: string,
  state: CoveragePart['state'],
  reason: string | null = null,
): CoveragePart {
  return { key, businessDay, state, cells: 24, reason };
}

function linesOf(parts: readonly CoveragePart[]): string[] {
  return listGaps(parts).map(({ subject, from, to, state, count, reason }) =>
    [subject, from, to, state, count, reason ?? ''].join(' | '),
  );
}

test('what is there, not expected or still to come is no gap', () => {
  expect(
    listGaps([
      part('a', '2026-03-01', 'present'),
      part('a', '2026-03-02', 'not_expected'),
      part('a', '2026-03-03', 'not_due'),
    ]),
  ).toEqual([]);
});

test('days in a row are one, also where a day has several states; others are not', () => {
  expect(
    linesOf([
      part('a', '2026-03-28', 'not_collected', 'never asked for'),
      part('a', '2026-03-29', 'not_collected', 'never asked for'),
      part('a', '2026-03-29', 'withdrawn'),
      part('a', '2026-03-30', 'not_collected', 'never asked for'),
      part('a', '2026-04-01', 'not_collected', 'never asked for'),
      part('b', '2026-03-28', 'present'),
    ]),
  ).toEqual([
    'a | 2026-03-28 | 2026-03-30 | not collected | 72 | never asked for',
    'a | 2026-04-01 | 2026-04-01 | not collected | 24 | never asked for',
    'a | 2026-03-29 | 2026-03-29 | withdrawn | 24 | ',
  ]);
});

test('series that lack the same are one row; the worst and the largest come first', () => {
  const day = '2026-03-28';
  expect(
    linesOf([
      part('a', day, 'late', 'x'),
      part('b', day, 'late', 'x'),
      part('c', day, 'late', 'y'),
      part('a', '2026-04-05', 'not_provided', 'z'),
      part('b', '2026-04-05', 'not_provided', 'z'),
      part('c', '2026-04-05', 'not_provided', 'z'),
    ]),
  ).toEqual([
    'all 3 series | 2026-04-05 | 2026-04-05 | not provided | 72 | z',
    'a and 1 more | 2026-03-28 | 2026-03-28 | late | 48 | x',
    'c | 2026-03-28 | 2026-03-28 | late | 24 | y',
  ]);
});

test('a dataset without a series lacks as a whole', () => {
  expect(linesOf([part(null, '2026-03-28', 'not_collected')])).toEqual([
    'the whole dataset | 2026-03-28 | 2026-03-28 | not collected | 24 | ',
  ]);
});
