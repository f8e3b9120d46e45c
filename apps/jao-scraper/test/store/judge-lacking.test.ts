import { describe, expect, test } from 'vitest';

import type { LackingCell } from '../../src/store/diff-day.ts';
import { judgeLacking } from '../../src/store/judge-lacking.ts';

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 0, 2);

const ofKey: LackingCell = { key: 'a', deliveryStartMs: 0, hasRow: true };
const ofRow: LackingCell = { key: 'a', deliveryStartMs: 1, hasRow: false };

describe('cells that an answer lacks', () => {
  test('none is no matter', () => {
    expect(judgeLacking([], { isWhole: false, doubt: undefined, nowMs })).toEqual({
      kind: 'none',
    });
  });

  test('are withdrawn on the word of a complete answer', () => {
    const options = { isWhole: true, doubt: undefined, nowMs };
    expect(judgeLacking([ofKey], options)).toEqual({ kind: 'withdraw' });
  });

  test('are not, where whole delivery periods that are stored are lacking too', () => {
    const options = { isWhole: true, doubt: undefined, nowMs };
    expect(judgeLacking([ofKey, ofRow], options).kind).toBe('defer');
  });

  test('are withdrawn once another incomplete answer agrees, five minutes later at the earliest', () => {
    const judge = (cells: readonly LackingCell[], afterMs: number): string => {
      const first = judgeLacking([ofRow], { isWhole: false, doubt: undefined, nowMs });
      const doubt = first.kind === 'defer' ? first.doubt : undefined;
      return judgeLacking(cells, { isWhole: false, doubt, nowMs: nowMs + afterMs }).kind;
    };
    expect(judge([ofRow], 5 * minuteMs - 1)).toBe('defer');
    expect(judge([ofRow], 5 * minuteMs)).toBe('withdraw');
    expect(judge([ofRow, ofKey], 60 * minuteMs)).toBe('defer');
  });

  test('count from the first answer that lacked them, however often they are asked for', () => {
    const first = judgeLacking([ofRow], { isWhole: false, doubt: undefined, nowMs });
    const doubt = first.kind === 'defer' ? first.doubt : undefined;
    const options = { isWhole: false, doubt, nowMs: nowMs + minuteMs };
    expect(judgeLacking([ofRow], options)).toEqual({ kind: 'defer', doubt });
  });
});
