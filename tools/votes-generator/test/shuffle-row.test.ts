import { expect, test } from 'vitest';

import { createShuffle } from '../src/shuffle-row.ts';

test.each([1, 2, 3, 4, 5, 7, 16, 17, 100, 1023, 10_007])(
  'every one of %i rows is at exactly one position',
  (rows) => {
    const rowAt = createShuffle({ rows, seed: 1 });
    const shuffled = Array.from({ length: rows }, (_, position) => rowAt(position));
    expect(shuffled.toSorted((a, b) => a - b)).toEqual([...shuffled.keys()]);
  },
);

test('few rows stay near their place, and another seed gives another order', () => {
  const rows = 10_000;
  const orderOf = (seed: number) => {
    const rowAt = createShuffle({ rows, seed });
    return Array.from({ length: rows }, (_, position) => rowAt(position));
  };
  const order = orderOf(1);
  const near = order.filter((row, position) => Math.abs(row - position) < 100);
  // By chance 2 % are; 3 % leaves room for it.
  expect(near.length).toBeLessThan(rows * 0.03);
  expect(orderOf(2)).not.toEqual(order);
});

test('rows of the largest stream stay whole numbers inside it', () => {
  const rows = 2 ** 40;
  const rowAt = createShuffle({ rows, seed: 3 });
  for (const position of [0, 1, 2 ** 32, rows - 1]) {
    const row = rowAt(position);
    expect(Number.isSafeInteger(row) && row >= 0 && row < rows).toBe(true);
  }
});
