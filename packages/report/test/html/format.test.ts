import { expect, test } from 'vitest';

import {
  formatCount,
  formatCountOf,
  formatDuration,
  formatInstant,
  formatMeasure,
  formatShare,
} from '../../src/html/format.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [4_249, '4.2 s'],
  [59_999, '60.0 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [3 * 86_400_000 + 7_200_000, '3 d 2 h'],
])('%d ms is %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [0, 0, null],
  [0, 5, '0 %'],
  [5, 5, '100 %'],
  [1, 1_000_000, '0.1 %'],
  [999_999, 1_000_000, '99.9 %'],
  [1, 2, '50.0 %'],
])(
  '%d of %d is %s: never all while one is missing, nor nothing while one is there',
  (part, whole, text) => {
    expect(formatShare(part, whole)).toBe(text);
  },
);

test('counts, measures and instants', () => {
  expect(formatCount(102_096n)).toBe('102,096');
  expect(formatCountOf(1, 'run')).toBe('1 run');
  expect(formatCountOf(2, 'entry', 'entries')).toBe('2 entries');
  expect(formatMeasure(1234.5)).toBe('1,234.5');
  expect(formatInstant(new Date('2026-03-29T01:00:00.999Z'))).toBe('2026-03-29 01:00:00 UTC');
});
