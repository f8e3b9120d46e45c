import type { RowSeverity, Threshold } from '@sluice/schemas/expectations';
import { describe, expect, test } from 'vitest';

import {
  checkThresholds,
  describeThresholds,
  exceeds,
  judgeRows,
} from '../../src/compile/judge-severity.ts';

describe('a threshold', () => {
  test.each<[Threshold, bigint, bigint, boolean]>([
    [{ count: 0 }, 0n, 10n, false],
    [{ count: 0 }, 1n, 10n, true],
    [{ count: 3 }, 3n, 3n, false],
    [{ count: 2n ** 60n }, 2n ** 60n + 1n, 2n ** 61n, true],
    [{ percent: 20 }, 1n, 5n, false],
    [{ percent: 20 }, 2n, 9n, true],
    // In doubles 0.1 % of 3,000 rows is 3.0000000000000004 or 2.9999999999999996.
    [{ percent: 0.1 }, 3n, 3_000n, false],
    [{ percent: 0.1 }, 4n, 3_999n, true],
    [{ percent: 0.07 }, 7n, 10_000n, false],
    [{ percent: 1e-7 }, 1n, 1_000_000_000n, false],
    [{ percent: 1e-7 }, 1n, 999_999_999n, true],
    [{ percent: 33.3 }, 333n, 1_000n, false],
    // One more, where a double of the quotient could not tell.
    [{ percent: 50 }, 4_611_686_018_427_387_904n, 9_223_372_036_854_775_807n, true],
    [{ percent: 50 }, 4_611_686_018_427_387_903n, 9_223_372_036_854_775_807n, false],
    [{ percent: 0 }, 0n, 0n, false],
    [{ percent: 100 }, 5n, 5n, false],
  ])('%o: %s of %s rows exceed it: %s', (threshold, failing, tested, isOver) => {
    expect(exceeds(threshold, failing, tested)).toBe(isOver);
  });

  test.each<[RowSeverity, bigint, string]>([
    [{}, 0n, 'passed'],
    [{}, 1n, 'failed'],
    [{ warn: { count: 0 } }, 9n, 'warned'],
    [{ error: { count: 3 } }, 3n, 'passed'],
    [{ warn: { count: 0 }, error: { percent: 30 } }, 3n, 'warned'],
    [{ warn: { count: 0 }, error: { percent: 30 } }, 4n, 'failed'],
    // A warning that is looser than the failure says no more than the failure.
    [{ warn: { count: 5 }, error: { count: 1 } }, 2n, 'failed'],
  ])('%o, and %s of 10 rows fail: %s', (severity, failing, outcome) => {
    expect(judgeRows(severity, failing, 10n)).toBe(outcome);
  });

  test('says what it allows', () => {
    expect(describeThresholds({ warn: { count: 0 }, error: { percent: 0.5 } })).toBe(
      'at most 0.5 % failing; at most 0 failing (warning)',
    );
  });

  test.each<[Threshold]>([
    [{ count: -1 }],
    [{ count: 1.5 }],
    [{ percent: 101 }],
    [{ percent: -1 }],
    [{ percent: Number.NaN }],
  ])('is refused where it makes no sense: %j', (error) => {
    expect(() => {
      checkThresholds({ error });
    }).toThrow('a threshold is');
  });
});
