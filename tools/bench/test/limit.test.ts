import { expect, test } from 'vitest';

import { judgeLimit } from '../src/limit.ts';
import type { Limit } from '../src/limit.ts';

const side = {
  medianSeconds: 1,
  rowsPerSecond: undefined,
  megabytesPerSecond: undefined,
  peakBytes: undefined,
};
const comparison = {
  a: { ...side, peakBytes: 800 },
  b: { ...side, medianSeconds: 1.2, rowsPerSecond: 500, peakBytes: 1000 },
  ratio: 1.4,
  ratioMin: 0.1,
  ratioMax: 9,
  moreSeconds: 0.2,
};

test.each<[limit: Limit, measured: number, verdict: string]>([
  [{ kind: 'ratio-at-most', value: 1.4 }, 1.4, 'ok'],
  [{ kind: 'ratio-at-most', value: 1.39 }, 1.4, 'over'],
  [{ kind: 'ratio-at-least', value: 1.4 }, 1.4, 'ok'],
  [{ kind: 'ratio-at-least', value: 1.41 }, 1.4, 'over'],
  [{ kind: 'seconds-more-at-most', value: 0.2 }, 0.2, 'ok'],
  [{ kind: 'seconds-more-at-most', value: 0.1 }, 0.2, 'over'],
  [{ kind: 'seconds-at-most', value: 1.2 }, 1.2, 'ok'],
  [{ kind: 'seconds-at-most', value: 1.1 }, 1.2, 'over'],
  [{ kind: 'rows-per-second-at-least', value: 500 }, 500, 'ok'],
  [{ kind: 'rows-per-second-at-least', value: 501 }, 500, 'over'],
  [{ kind: 'peak-ratio-at-most', value: 1.25 }, 1.25, 'ok'],
  [{ kind: 'peak-ratio-at-most', value: 1.2 }, 1.25, 'over'],
  [{ kind: 'peak-at-most', value: 1000 }, 1000, 'ok'],
  [{ kind: 'peak-at-most', value: 999 }, 1000, 'over'],
])('%o against %d is %s', (limit, measured, verdict) => {
  expect(judgeLimit(limit, comparison)).toEqual({ ...limit, measured, verdict });
});

test.each(['peak-at-most', 'peak-ratio-at-most'] as const)(
  '%s is not kept where nobody measured memory',
  (kind) => {
    const limit = { kind, value: 1000 };
    expect(judgeLimit(limit, { ...comparison, b: side }).verdict).toBe('over');
  },
);
