import { expect, test } from 'vitest';

import { median } from '../src/median.ts';

test.each([
  { values: [3], expected: 3 },
  { values: [10, 9, 1], expected: 9 },
  { values: [4, 1, 3, 2], expected: 2.5 },
  { values: [], expected: Number.NaN },
])('the median of $values is $expected', ({ values, expected }) => {
  expect(median(values)).toBe(expected);
});
