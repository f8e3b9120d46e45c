import { describe, expect, test } from 'vitest';

import { microsOfText, textOfMicros } from '../../src/sql/time-text.ts';

describe('the text of a time', () => {
  test.each([
    ['1970-01-01', 0n],
    ['1970-01-01T00:00:00', 0n],
    ['1970-01-01 00:00:00.000001', 1n],
    ['1969-12-31T23:59:59.999999Z', -1n],
    ['1970-01-01T02:00:00+02:00', 0n],
    ['1970-01-01 02:00:00+02', 0n],
    ['1969-12-31T18:30:00-0530', 0n],
    ['1970-01-01T00:01', 60_000_000n],
    ['0001-01-01', -62_135_596_800_000_000n],
    ['9999-12-31 23:59:59.999999', 253_402_300_799_999_999n],
    ['infinity', Infinity],
    ['-infinity', -Infinity],
  ])('%s is %s microseconds', (text, micros) => {
    expect(microsOfText(text)).toBe(micros);
  });

  test.each([
    ['2023-02-29'],
    ['0000-01-01'],
    ['2024-13-01'],
    ['2024-01-01T24:00:00'],
    ['2024-01-01T00:60:00'],
    ['2024-1-1'],
    ['20240101'],
    ['2024-01-01T'],
    ['2024-01-01T00:00:00.1234567'],
    ['now'],
    [''],
  ])('%j is none', (text) => {
    expect(() => microsOfText(text)).toThrow(/no date or time|no time of day/);
  });

  test.each([
    0n,
    1n,
    -1n,
    -1_000_001n,
    253_402_300_799_999_999n,
    -62_135_596_800_000_000n,
    999_999n,
  ])('%s microseconds come back', (micros) => {
    expect(microsOfText(textOfMicros(micros))).toBe(micros);
  });
});
