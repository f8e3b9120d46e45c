import { expect, test } from 'vitest';

import { createIdOfRow } from '../src/vote-id.ts';

const rows = 40_299;

function idsOf(options: { readonly seed: number; readonly firstId: number }): number[] {
  const idOfRow = createIdOfRow(options);
  return Array.from({ length: rows }, (_, row) => idOfRow(row));
}

test('Ids begin with the first one and ascend', () => {
  for (const seed of [0, 1, 2]) {
    const ids = idsOf({ seed, firstId: 1000 });
    expect(ids[0]).toBe(1000);
    expect(ids.slice(1).every((id, index) => id > (ids[index] ?? Infinity))).toBe(true);
  }
});

test('steps between Ids are as frequent as in the real file', () => {
  const ids = idsOf({ seed: 1, firstId: 1 });
  const steps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0));
  const partOf = (isCounted: (step: number) => boolean) => steps.filter(isCounted).length / rows;
  expect(partOf((step) => step === 1)).toBeCloseTo(0.967, 2);
  expect(partOf((step) => step === 2)).toBeCloseTo(0.026, 1);
  expect(steps.filter((step) => step >= 1000).length).toBeGreaterThanOrEqual(4);
});

test('an Id does not depend on which rows were asked for before', () => {
  const [forward, backward] = [1, 1].map((seed) => createIdOfRow({ seed, firstId: 1 }));
  const sample = [0, 1, 31, 32, 8191, 8192, 2 ** 33, 2 ** 40];
  const ids = sample.map((row) => forward?.(row));
  expect(sample.toReversed().map((row) => backward?.(row))).toEqual(ids.toReversed());
});
