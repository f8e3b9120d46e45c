import { describe, expect, test } from 'vitest';

import { compareRuns } from '../src/compare-runs.ts';
import type { TimedPair } from '../src/compare-runs.ts';

const nothing = { rows: undefined, bytes: undefined };

function pairOf(aSeconds: number, bSeconds: number, peakBytes?: number): TimedPair {
  return {
    a: { seconds: aSeconds, peakBytes: undefined },
    b: { seconds: bSeconds, peakBytes },
  };
}

describe('the ratio', () => {
  test('is that of the medians, and the range that of the single pairs', () => {
    const { ratio, ratioMin, ratioMax, moreSeconds } = compareRuns({
      // One disturbed run of A, and one of B in another pair: the medians know neither.
      pairs: [pairOf(10, 3), pairOf(2, 3), pairOf(2, 12)],
      work: { a: nothing, b: nothing },
    });
    expect(ratio).toBe(1.5);
    expect([ratioMin, ratioMax]).toEqual([0.3, 6]);
    expect(moreSeconds).toBe(1);
  });

  test.each([
    { name: 'as long a row', bSeconds: 20, expected: 1 },
    { name: 'half as long again', bSeconds: 30, expected: 1.5 },
  ])('per row divides by the rows of each side: $name', ({ bSeconds, expected }) => {
    const { ratio, ratioMin, ratioMax } = compareRuns({
      pairs: [pairOf(2, bSeconds)],
      work: { a: { rows: 1_000_000, bytes: 1 }, b: { rows: 10_000_000, bytes: 1 } },
      isPerRow: true,
    });
    expect([ratio, ratioMin, ratioMax]).toEqual([expected, expected, expected]);
  });

  test('per row needs rows, and every ratio a pair', () => {
    const work = { a: nothing, b: nothing };
    expect(() => compareRuns({ pairs: [pairOf(1, 1)], work, isPerRow: true })).toThrow(RangeError);
    expect(() => compareRuns({ pairs: [], work })).toThrow('at least one pair');
  });
});

describe('the figures of a side', () => {
  test('are the work over the median time, and the largest peak', () => {
    const { b } = compareRuns({
      pairs: [pairOf(1, 4, 100), pairOf(1, 2, 300), pairOf(1, 8, 200)],
      work: { a: nothing, b: { rows: 1000, bytes: 8e6 } },
    });
    expect(b).toEqual({
      medianSeconds: 4,
      rowsPerSecond: 250,
      megabytesPerSecond: 2,
      peakBytes: 300,
    });
  });

  test('leave open what was not measured', () => {
    const { a } = compareRuns({ pairs: [pairOf(1, 1)], work: { a: nothing, b: nothing } });
    expect(a).toEqual({
      medianSeconds: 1,
      rowsPerSecond: undefined,
      megabytesPerSecond: undefined,
      peakBytes: undefined,
    });
  });
});
