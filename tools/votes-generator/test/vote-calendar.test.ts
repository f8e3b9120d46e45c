import { expect, test } from 'vitest';

import { createVoteCalendar } from '../src/vote-calendar.ts';

const streamRows = 40_299;
const calendarOptions = { seed: 1, from: '2017-02-28', to: '2021-09-05', streamRows };

function daysOf(options: typeof calendarOptions): string[] {
  const { dayOfRow, textOfDay } = createVoteCalendar(options);
  return Array.from({ length: options.streamRows }, (_, row) => textOfDay(dayOfRow(row)));
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Monday of a day's week. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

test.each([1, 2, 3])('seed %i: the stream fills its days, in order but for a few rows', (seed) => {
  const days = daysOf({ ...calendarOptions, seed });
  expect(days[0]).toBe('2017-02-28');
  expect(days.at(-1)).toBe('2021-09-04');
  expect(new Set(days).size).toBe(1650);
  const inversions = days.filter((day, row) => row > 0 && day < (days[row - 1] ?? '')).length;
  expect(inversions).toBeLessThan(15);
});

test('some rows are dated after their successor', () => {
  const days = daysOf({ ...calendarOptions, streamRows: 400_000 });
  const inversions = days.filter((day, row) => row > 0 && day < (days[row - 1] ?? '')).length;
  expect(inversions).toBeGreaterThan(20);
  expect(inversions).toBeLessThan(80);
});

test.each([1, 2, 3])('seed %i: most weeks are ordinary and a few are clear outliers', (seed) => {
  const weeks = countBy(daysOf({ ...calendarOptions, seed }).map(mondayOf));
  const mean = streamRows / weeks.size;
  const deviations = [...weeks.values()].map((count) => Math.abs(count / mean - 1));
  expect(deviations.filter((deviation) => deviation > 0.5).length).toBeGreaterThanOrEqual(8);
  expect(deviations.filter((deviation) => deviation > 0.2).length).toBeLessThanOrEqual(25);
});

test('fewer votes come at weekends, and more in winter than in spring', () => {
  const days = daysOf(calendarOptions);
  const weekdays = countBy(days.map((day) => String(new Date(day).getUTCDay())));
  expect((weekdays.get('0') ?? 0) / (weekdays.get('2') ?? 0)).toBeCloseTo(3925 / 6812, 1);
  const months = countBy(days.filter((day) => day < '2021-03').map((day) => day.slice(5, 7)));
  expect(months.get('12') ?? 0).toBeGreaterThan(months.get('05') ?? Infinity);
});

test.each([
  { name: 'one day', from: '2024-02-29', to: '2024-03-01', streamRows: 10, days: 1 },
  { name: 'more days than rows', from: '2000-01-01', to: '2001-01-01', streamRows: 5, days: 5 },
  { name: 'the year 1', from: '0001-01-01', to: '0001-01-03', streamRows: 100, days: 2 },
])('a stream over $name keeps to its days', ({ from, to, streamRows: rows, days }) => {
  const all = daysOf({ seed: 1, from, to, streamRows: rows });
  expect(new Set(all).size).toBe(days);
  expect(all.every((day) => day >= from && day < to)).toBe(true);
});
