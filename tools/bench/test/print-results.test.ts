import { expect, test } from 'vitest';

import type { CaseResult } from '../src/measure-case.ts';
import { formatJson, formatLimit, formatTable } from '../src/print-results.ts';

const load: CaseResult = {
  id: 'load',
  labels: { a: 'bare DuckDB', b: 'votes-ingest ingest' },
  comparison: {
    a: { medianSeconds: 2, rowsPerSecond: 2.5e6, megabytesPerSecond: 237.5, peakBytes: 600e6 },
    b: {
      medianSeconds: 2.2,
      rowsPerSecond: 900e3,
      megabytesPerSecond: undefined,
      peakBytes: undefined,
    },
    ratio: 1.1,
    ratioMin: 1.05,
    ratioMax: 1.25,
    moreSeconds: 0.2,
  },
  limits: [{ kind: 'ratio-at-most', value: 1.4, measured: 1.1, verdict: 'ok' }],
  pairs: [],
};
const failed = { id: 'help', error: 'exit code 1' };

test('the table has two lines for a case, and says what failed', () => {
  const lines = formatTable([load, failed], { pairs: 3 }).split('\n');
  const [, a, b] = lines.filter((line) => line.includes('│'));
  const cellsOf = (line = '') =>
    line
      .split('│')
      .map((cell) => cell.trim())
      .filter(Boolean);
  expect(cellsOf(a)).toEqual([
    'load',
    'A bare DuckDB',
    '2.000',
    '2.50M',
    '238',
    '600',
    '1.10',
    'at most 1.40: ok',
  ]);
  expect(cellsOf(b)).toEqual(['B votes-ingest ingest', '2.200', '900k', '–', '–', '(1.05–1.25)']);
  expect(lines).toContain('help failed: exit code 1');
});

test.each([
  [
    { kind: 'ratio-at-least', value: 5, measured: 4, verdict: 'over' } as const,
    'at least 5.00: over',
  ],
  [
    { kind: 'seconds-more-at-most', value: 0.2, measured: 0.15, verdict: 'ok' } as const,
    '+0.15 s, at most +0.20: ok',
  ],
  [
    { kind: 'seconds-more-at-most', value: 0.2, measured: -0.05, verdict: 'ok' } as const,
    '−0.05 s, at most +0.20: ok',
  ],
  [
    { kind: 'seconds-at-most', value: 0.02, measured: 0.01234, verdict: 'ok' } as const,
    'at most 0.020 s: ok',
  ],
  [
    { kind: 'rows-per-second-at-least', value: 100e3, measured: 90e3, verdict: 'over' } as const,
    'at least 100k rows/s: over',
  ],
  [
    { kind: 'peak-ratio-at-most', value: 1.25, measured: 1.1, verdict: 'ok' } as const,
    'peak 1.10 times, at most 1.25: ok',
  ],
  [
    { kind: 'peak-at-most', value: 1.5e9, measured: 1.6e9, verdict: 'over' } as const,
    'peak at most 1500 MB: over',
  ],
])('%o reads %s', (limit, text) => {
  expect(formatLimit(limit)).toBe(text);
});

test('the document carries the sizes, the figures of both sides and the failures', () => {
  const sizes = { rows: 10, largeRows: 20, smallRows: 2 };
  expect(
    JSON.parse(formatJson([load, failed], { dataset: 'votes', pairs: 3, sizes })),
  ).toMatchObject({
    dataset: 'votes',
    pairs: 3,
    ...sizes,
    cases: [
      {
        id: 'load',
        a: { label: 'bare DuckDB', medianSeconds: 2 },
        ratio: 1.1,
        limits: load.limits,
      },
      failed,
    ],
  });
});
