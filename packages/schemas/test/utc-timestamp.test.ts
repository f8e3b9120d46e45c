import { describe, expect, test } from 'vitest';

import { daysSinceEpoch, isCalendarDay, parseUtcTimestamp } from '../src/utc-timestamp.ts';

const iso = (microseconds: bigint | undefined): string | undefined =>
  microseconds === undefined ? undefined : new Date(Number(microseconds / 1000n)).toISOString();

describe('parseUtcTimestamp', () => {
  test.each([
    ['2021-09-04', '2021-09-04T00:00:00.000Z'],
    ['2021-09-04T01:02:03', '2021-09-04T01:02:03.000Z'],
    ['2021-09-04T01:02:03.004', '2021-09-04T01:02:03.004Z'],
    ['2021-09-04T23:30:00-05:00', '2021-09-05T04:30:00.000Z'],
    ['2021-09-04T00:30:00+01:00', '2021-09-03T23:30:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['1969-12-31T23:59:59', '1969-12-31T23:59:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(iso(parseUtcTimestamp(text))).toBe(expected);
  });

  test('keeps microseconds, however few fractional digits are given', () => {
    expect(parseUtcTimestamp('1970-01-01T00:00:00.000001')).toBe(1n);
    expect(parseUtcTimestamp('1970-01-01T00:00:00.1')).toBe(100_000n);
    expect(parseUtcTimestamp('1969-12-31T23:59:59.999999')).toBe(-1n);
  });

  test('covers the years 0001 to 9999 in UTC, and not a microsecond more', () => {
    expect(parseUtcTimestamp('0001-01-01')).toBe(-62_135_596_800_000_000n);
    expect(parseUtcTimestamp('9999-12-31T23:59:59.999999')).toBe(253_402_300_799_999_999n);
    expect(parseUtcTimestamp('0001-01-01T00:00:00+00:01')).toBeUndefined();
    expect(parseUtcTimestamp('9999-12-31T23:59:59-00:01')).toBeUndefined();
    expect(parseUtcTimestamp('0000-12-31')).toBeUndefined();
  });

  test.each([
    '',
    ' 2021-09-04',
    '2021-09-04\n',
    '2021-9-4',
    '2021/09/04',
    '2021-02-30',
    '2023-02-29',
    '1900-02-29',
    '2021-00-10',
    '2021-13-01',
    '2021-04-31',
    '2021-09-04T24:00:00',
    '2021-09-04T23:60:00',
    '2021-09-04T23:59:60',
    '2021-09-04 01:02:03',
    '2021-09-04T01:02',
    '2021-09-04T01:02:03.',
    '2021-09-04T01:02:03.1234567',
    '2021-09-04T01:02:03z',
    '2021-09-04T01:02:03+0100',
    '2021-09-04T01:02:03+24:00',
    '2021-09-04T01:02:03+01:60',
    '2021-09-04Z',
    '12022-01-01',
    '-2021-01-01',
    'epoch',
    'infinity',
    '2021-W35-6',
    '٢٠٢١-٠٩-٠٤',
  ])('refuses %j', (text) => {
    expect(parseUtcTimestamp(text)).toBeUndefined();
  });
});

test('every day of the years 1 to 9999 is counted one after the other', () => {
  let expected = daysSinceEpoch(1, 1, 1);
  for (let year = 1; year <= 9999; year++) {
    for (let month = 1; month <= 12; month++) {
      for (let day = 1; isCalendarDay(year, month, day); day++) {
        if (daysSinceEpoch(year, month, day) !== expected) {
          expect.fail(`${String(year)}-${String(month)}-${String(day)} is out of sequence`);
        }
        expected += 1;
      }
    }
  }
  expect(daysSinceEpoch(1970, 1, 1)).toBe(0);
  expect(expected).toBe(Date.UTC(10_000, 0, 1) / 86_400_000);
});
