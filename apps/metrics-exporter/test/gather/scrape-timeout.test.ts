import { expect, test } from 'vitest';

import { scrapeTimeoutMs } from '../../src/gather/scrape-timeout.ts';

test.each([
  [undefined, 9_500],
  ['', 9_500],
  ['10', 9_500],
  ['1', 500],
  ['1.5', 1_000],
  ['0.1', 10],
  ['0', 9_500],
  ['-3', 9_500],
  ['NaN', 9_500],
  ['Infinity', 9_500],
  ['ten', 9_500],
  ['1e9', 120_000],
])('a scrape whose header says %s is answered within %d ms', (header, timeoutMs) => {
  expect(scrapeTimeoutMs(header)).toBe(timeoutMs);
});
