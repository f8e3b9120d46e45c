import { attemptOutcomes } from '@sluice/schemas/jao';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isRetryable, retryDelayMs } from '../../src/source/retry.ts';

describe('what is worth asking again', () => {
  const expected = [
    'rejected',
    'empty_body',
    'html',
    'not_json',
    'schema',
    'foreign',
    'http_429',
    'http_5xx',
    'dns',
    'connect',
    'connect_timeout',
    'headers_timeout',
    'total_timeout',
    'reset',
    'truncated',
  ];

  test.each(attemptOutcomes)('%s', (outcome) => {
    expect(isRetryable({ outcome })).toBe(expected.includes(outcome));
  });

  test.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [418, false],
  ])('HTTP %i: %s', (status, is) => {
    expect(isRetryable({ outcome: 'http_4xx', status })).toBe(is);
  });

  test('a stop is final, whatever had come', () => {
    expect(isRetryable({ outcome: 'cancelled', status: 503 })).toBe(false);
  });
});

describe('the pause before the next try', () => {
  test.each([
    [1, 0, 0],
    [1, 0.5, 500],
    [1, 0.999, 999],
    [2, 0.5, 1000],
    [3, 0.5, 2000],
    [6, 0.5, 16_000],
    [7, 0.5, 30_000],
    [50, 0.5, 30_000],
    [5000, 0.5, 30_000],
  ])('after try %i, at %f of the bound, is %i ms', (failedTry, share, pauseMs) => {
    expect(retryDelayMs({ try: failedTry, random: () => share })).toBe(pauseMs);
  });

  test('never is shorter than Retry-After, and never longer than the bound beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.nat(900_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failedTry, retryAfterMs, share) => {
          const pauseMs = retryDelayMs({ try: failedTry, retryAfterMs, random: () => share });
          expect(pauseMs).toBeGreaterThanOrEqual(retryAfterMs);
          expect(pauseMs).toBeLessThan(retryAfterMs + 60_000);
        },
      ),
    );
  });

  test('has bounds that the caller may set', () => {
    const options = { baseMs: 10, capMs: 25, random: () => 0.9999 };

    expect([1, 2, 3, 4].map((failedTry) => retryDelayMs({ ...options, try: failedTry }))).toEqual([
      9, 19, 24, 24,
    ]);
  });

  test.each([0, -1, 1.5, Number.NaN])('a try of %f is a mistake', (failedTry) => {
    expect(() => retryDelayMs({ try: failedTry, random: Math.random })).toThrow(RangeError);
  });
});
