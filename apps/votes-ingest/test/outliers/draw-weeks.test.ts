import { expect, test } from 'vitest';

import { drawWeeks } from '../../src/outliers/draw-weeks.ts';
import type { WeekVotes } from '../../src/outliers/outlier-weeks.ts';

function makeWeeks(counts: readonly number[]): WeekVotes[] {
  return counts.map((count, index) => ({ Year: 2021, WeekNumber: index + 1, VoteCount: count }));
}

test('each week has a line, the outliers a mark, and the longest bar fits the terminal', () => {
  const weeks = makeWeeks([25, 100, 50]);
  const lines = drawWeeks(weeks, weeks.slice(1, 2), { columns: 40, hasColor: false }).split('\n');
  expect(lines.map((line) => line.trimEnd())).toEqual([
    `2021-W01    25 ${'█'.repeat(6)}`,
    `2021-W02 * 100 ${'█'.repeat(24)}`,
    `2021-W03    50 ${'█'.repeat(12)}`,
    '* more than 20 % off the mean of all weeks',
    '',
  ]);
});

test('colours are there only where they may be', () => {
  const weeks = makeWeeks([1, 2]);
  const colored = drawWeeks(weeks, weeks, { columns: 40, hasColor: true });
  expect(colored).toContain('\u001b[');
  expect(drawWeeks(weeks, weeks, { columns: 40, hasColor: false })).not.toContain('\u001b');
});

test('239 weeks are 239 lines and the legend', () => {
  const weeks = makeWeeks(Array.from({ length: 239 }, (_, index) => 1 + ((index * 37) % 200)));
  const lines = drawWeeks(weeks, [], { columns: 80, hasColor: false }).trimEnd().split('\n');
  expect(lines).toHaveLength(240);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a narrow terminal still gets bars', () => {
  expect(drawWeeks(makeWeeks([3]), [], { columns: 5, hasColor: false })).toContain('█');
});
