import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addDays,
  businessDayBounds,
  businessDayOf,
  daysBetween,
  isBusinessDay,
  localTimeMs,
} from '../../src/jao/business-day.ts';

const amsterdam = { zone: 'Europe/Amsterdam' };
const hourMs = 3_600_000;
/** With half hours, changes at midnight, and both sides of the date line. */
const zones = [
  'Europe/Amsterdam',
  'Europe/Helsinki',
  'America/Sao_Paulo',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'UTC',
];

/** The local wall clock at an instant, by the machine's own time zone data. */
function wallClock(zone: string, instantMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(instantMs));
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

const dayOf = (clock: string) => clock.slice(0, 10);
const days = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));

describe('businessDayBounds', () => {
  test.each([
    ['2026-01-15', '2026-01-14T23:00:00.000Z', 24],
    ['2026-04-20', '2026-04-19T22:00:00.000Z', 24],
    ['2025-03-30', '2025-03-29T23:00:00.000Z', 23],
    ['2023-03-26', '2023-03-25T23:00:00.000Z', 23],
    ['2025-10-26', '2025-10-25T22:00:00.000Z', 25],
    ['2022-10-30', '2022-10-29T22:00:00.000Z', 25],
    ['2024-02-29', '2024-02-28T23:00:00.000Z', 24],
    ['2025-12-31', '2025-12-30T23:00:00.000Z', 24],
  ])('%s begins at %s and has %i hours', (day, start, hours) => {
    const { startMs, endMs } = businessDayBounds(amsterdam, day);
    expect(new Date(startMs).toISOString()).toBe(start);
    expect((endMs - startMs) / hourMs).toBe(hours);
  });

  test('are the first and the last instant of the day by the clocks of the place', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), days, (zone, day) => {
        const { startMs, endMs } = businessDayBounds({ zone }, day);
        expect(dayOf(wallClock(zone, startMs))).toBe(day);
        expect(dayOf(wallClock(zone, startMs - 1))).toBe(addDays(day, -1));
        expect(dayOf(wallClock(zone, endMs - 1))).toBe(day);
        expect(dayOf(wallClock(zone, endMs))).toBe(addDays(day, 1));
      }),
    );
  });

  test.each(['2025-02-29', '2025-13-01', '2025-1-1', '20250101', '', 'x', '2025-01-01T00:00'])(
    'refuses %j',
    (day) => {
      expect(() => businessDayBounds(amsterdam, day)).toThrow(RangeError);
      expect(isBusinessDay(day)).toBe(false);
    },
  );

  test('stay the same when more days were asked for than are remembered', () => {
    const before = businessDayBounds(amsterdam, '2025-03-30');
    for (const day of daysBetween('1990-01-01', '2024-12-31')) {
      businessDayBounds(amsterdam, day);
    }
    expect(businessDayBounds(amsterdam, '2025-03-30')).toEqual(before);
  });
});

test('businessDayOf says what the clocks of the place say', () => {
  const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instantMs) => {
      const day = businessDayOf({ zone }, instantMs);
      expect(day).toBe(dayOf(wallClock(zone, instantMs)));
      const { startMs, endMs } = businessDayBounds({ zone }, day);
      expect(startMs <= instantMs && instantMs < endMs).toBe(true);
    }),
  );
});

describe('localTimeMs', () => {
  test.each([
    ['an ordinary summer time', '2026-04-19', '10:30', '2026-04-19T08:30:00.000Z'],
    ['an ordinary winter time', '2026-01-19', '10:30', '2026-01-19T09:30:00.000Z'],
    [
      'a time left out in spring, taken an hour later',
      '2025-03-30',
      '02:30',
      '2025-03-30T01:30:00.000Z',
    ],
    [
      'a time that comes twice, its first coming',
      '2025-10-26',
      '02:30',
      '2025-10-26T00:30:00.000Z',
    ],
  ])('gives %s', (_, day, time, instant) => {
    expect(new Date(localTimeMs('Europe/Amsterdam', day, time)).toISOString()).toBe(instant);
  });
});

describe('addDays and daysBetween', () => {
  test.each([
    ['2024-02-28', 1, '2024-02-29'],
    ['2024-12-31', 1, '2025-01-01'],
    ['2025-03-30', -1, '2025-03-29'],
    ['2025-10-26', 1, '2025-10-27'],
    ['2025-10-26', 0, '2025-10-26'],
    ['0099-12-31', 1, '0100-01-01'],
  ])('%s and %i days is %s', (day, count, expected) => {
    expect(addDays(day, count)).toBe(expected);
  });

  test.each([
    ['9999-12-31', 1],
    ['0001-01-01', -1],
  ])('%s and %i days is refused', (day, count) => {
    expect(() => addDays(day, count)).toThrow(RangeError);
  });

  test('a range has both its ends, and none when it runs backwards', () => {
    expect(daysBetween('2024-02-28', '2024-03-01')).toEqual([
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ]);
    expect(daysBetween('2024-02-28', '2024-02-28')).toEqual(['2024-02-28']);
    expect(daysBetween('2024-03-01', '2024-02-28')).toEqual([]);
    expect(daysBetween('2022-06-09', '2026-11-20')).toHaveLength(1626);
  });

  test('days follow each other, as strings too, and their bounds meet', () => {
    fc.assert(
      fc.property(days, fc.nat(50), (day, count) => {
        const range = daysBetween(day, addDays(day, count));
        expect(range).toHaveLength(count + 1);
        expect(range).toEqual(range.toSorted());
        for (const one of range) {
          expect(businessDayBounds(amsterdam, one).endMs).toBe(
            businessDayBounds(amsterdam, addDays(one, 1)).startMs,
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
