import { expect, test } from 'vitest';

import { chooseSeed, createRandom } from '../src/testing.ts';

test('random numbers are spread from 0 to 1, and the same for the same seed', () => {
  const random = createRandom(7);
  const numbers = Array.from({ length: 10_000 }, random);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const count = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(count).toBeGreaterThan(900);
    expect(count).toBeLessThan(1_100);
  }
  expect(Array.from({ length: 10_000 }, createRandom(7))).toEqual(numbers);
  expect(createRandom(8)()).not.toBe(numbers[0]);
});

test('a seed is what the environment asks for, or another one each time', () => {
  expect(chooseSeed({ SLUICE_TEST_SEED: '1976250815' })).toBe(1_976_250_815);
  expect(chooseSeed({})).not.toBe(chooseSeed({}));
});
