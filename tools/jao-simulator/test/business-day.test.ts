import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  addDays,
  businessDayOf,
  dayEndMs,
  daysOfWindow,
  dayStartMs,
  deliveryStarts,
  localTimeMs,
} from '../src/business-day.ts';

test.each([
  ['2026-04-20', '2026-04-19T22:00:00.000Z', 24],
  ['2026-01-15', '2026-01-14T23:00:00.000Z', 24],
  ['2022-10-30', '2022-10-29T22:00:00.000Z', 25],
  ['2023-03-26', '2023-03-25T23:00:00.000Z', 23],
  ['2025-03-30', '2025-03-29T23:00:00.000Z', 23],
  ['2025-10-26', '2025-10-25T22:00:00.000Z', 25],
  ['2024-02-29', '2024-02-28T23:00:00.000Z', 24],
  ['2025-12-31', '2025-12-30T23:00:00.000Z', 24],
])('%s begins at %s and has %i hours', (day, start, hours) => {
  expect(new Date(dayStartMs(day)).toISOString()).toBe(start);
  expect(deliveryStarts(day, 60)).toHaveLength(hours);
  expect(deliveryStarts(day, 15)).toHaveLength(hours * 4);
});

test('days follow each other without gap or overlap, and hold their own instants only', () => {
  const day = fc.integer({ min: 0, max: 3000 }).map((count) => addDays('2022-06-09', count));
  fc.assert(
    fc.property(day, (date) => {
      expect(dayEndMs(date)).toBe(dayStartMs(addDays(date, 1)));
      expect(businessDayOf(dayStartMs(date))).toBe(date);
      expect(businessDayOf(dayEndMs(date) - 1)).toBe(date);
      expect(daysOfWindow(dayStartMs(date), dayEndMs(date))).toEqual([date]);
    }),
  );
});

test('a local time is an hour earlier in UTC in summer', () => {
  expect(new Date(localTimeMs('2026-07-01', '10:30')).toISOString()).toBe(
    '2026-07-01T08:30:00.000Z',
  );
  expect(new Date(localTimeMs('2026-01-01', '10:30')).toISOString()).toBe(
    '2026-01-01T09:30:00.000Z',
  );
});

test.each(['2026-02-30', '20260101', '2026-1-1', ''])("'%s' is no business day", (day) => {
  expect(() => dayStartMs(day)).toThrow(RangeError);
});
