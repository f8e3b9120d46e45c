import { describe, expect, test } from 'vitest';

import { detectAnomaly, medianOf } from '../../src/index.ts';
import type { HistoryPoint } from '../../src/index.ts';

const dayMs = 86_400_000;
const now = new Date('2026-03-30T06:00:00Z'); // a Monday

/** One value a day, the last one yesterday. */
function days(values: readonly number[]): HistoryPoint[] {
  return values.map((value, index) => ({
    at: new Date(now.getTime() - (values.length - index) * dayMs),
    value,
  }));
}

const steady = [100, 102, 98, 101, 99, 100, 103, 97, 100, 100];
const detect = (value: number, history: readonly HistoryPoint[], options = {}) =>
  detectAnomaly({ minAbsoluteChange: 0, ...options }, { at: now, value }, history);

describe('an anomaly', () => {
  test('is far from the median, in median absolute deviations', () => {
    expect(detect(100, days(steady))).toMatchObject({ median: 100, deviations: 0 });
    const { deviations = 0 } = detect(110, days(steady)) ?? {};
    expect(deviations).toBeCloseTo(10 / 1.4826, 3);
  });

  test('does not hide behind outliers of its history', () => {
    const { deviations = 0 } = detect(150, days([...steady, 100_000, 90_000])) ?? {};
    expect(deviations).toBeGreaterThan(10);
  });

  test('is no part of its own history, nor is what came later', () => {
    const later = { at: now, value: 1_000 };
    expect(detect(1_000, [...days(steady), later])).toEqual(detect(1_000, days(steady)));
  });

  test('of a history that never moved is any change that is large enough', () => {
    const history = days(Array.from({ length: 10 }, () => 5));
    expect(detect(6, history)?.deviations).toBe(Infinity);
    expect(detect(6, history, { minAbsoluteChange: 1 })?.deviations).toBe(0);
    expect(detect(5, history)?.deviations).toBe(0);
  });

  test('is no change of a few percent, where it is told so', () => {
    const history = days(Array.from({ length: 10 }, () => -2_400));
    expect(detect(-2_300, history, { minPercentChange: 5 })?.deviations).toBe(0);
    expect(detect(-2_200, history, { minPercentChange: 5 })?.deviations).toBe(Infinity);
  });

  test('may be a drop only, or a rise only', () => {
    expect(detect(200, days(steady), { direction: 'drop' })?.deviations).toBe(0);
    expect(detect(0, days(steady), { direction: 'drop' })?.deviations).toBeGreaterThan(10);
    expect(detect(0, days(steady), { direction: 'rise' })?.deviations).toBe(0);
  });

  test('knows that Sundays are quiet, where it is told to look at weekdays', () => {
    const values = Array.from({ length: 70 }, (_, index) => {
      const at = new Date(now.getTime() - (70 - index) * dayMs);
      return at.getUTCDay() === 0 ? 10 : 1_000 + (index % 5);
    });
    const sunday = { at: new Date(now.getTime() - dayMs), value: 11 };
    const options = { minAbsoluteChange: 5, seasonality: 'weekday' as const };
    expect(detectAnomaly(options, sunday, days(values))).toMatchObject({
      median: 10,
      deviations: 0,
    });
    expect(detect(10, days(values), options)?.deviations).toBeGreaterThan(100);
  });

  test('knows the first of the month, where it is told to look at its days', () => {
    const first = new Date('2026-03-01T06:00:00Z');
    const history = Array.from({ length: 400 }, (_, index) => {
      const at = new Date(first.getTime() - (index + 1) * dayMs);
      return { at, value: at.getUTCDate() === 1 ? 5_000 : 100 };
    });
    const options = { minAbsoluteChange: 10, seasonality: 'day_of_month' as const };
    expect(detectAnomaly(options, { at: first, value: 5_005 }, history)).toMatchObject({
      median: 5_000,
      points: 13,
      deviations: 0,
    });
  });

  test('is not looked for in a short history', () => {
    expect(detect(5, days(steady.slice(0, 6)))).toBeUndefined();
    expect(detect(5, days(steady.slice(0, 6)), { minHistory: 6 })).toBeDefined();
    expect(detect(5, [], { minHistory: 0 })).toBeUndefined();
  });

  test('looks at the newest points only', () => {
    const history = days([...Array.from({ length: 50 }, () => 1), ...steady]);
    expect(detect(100, history, { maxHistory: 10 })).toMatchObject({ median: 100, points: 10 });
  });
});

test.each([
  [[3], 3],
  [[1, 2], 1.5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %s', (values, median) => {
  expect(medianOf(values)).toBe(median);
});
