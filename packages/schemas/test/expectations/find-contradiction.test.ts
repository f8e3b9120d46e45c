import { describe, expect, test } from 'vitest';

import { findContradiction } from '../../src/expectations/index.ts';

describe('levels that can not all be meant', () => {
  test.each<[string, object]>([
    ['a count', { warn: { count: 11 }, error: { count: 10 } }],
    ['a large count', { warn: { count: 2n ** 64n }, error: { count: 10 } }],
    ['a percentage', { warn: { percent: 5 }, error: { percent: 0.5 } }],
    ['a tolerance', { warn: { absolute: 2 }, error: { absolute: 1 } }],
    ['an age', { warn: { maxAgeMs: 2 }, error: { maxAgeMs: 1 } }],
    ['a grace', { warn: { deadline: { graceMs: 2 } }, error: { deadline: { graceMs: 1 } } }],
    ['deviations', { warn: { deviations: 8 }, error: { deviations: 4 } }],
    ['a lower end', { warn: { min: 0 }, error: { min: 1 } }],
    ['an upper end', { warn: { max: 9 }, error: { min: 1, max: 8 } }],
    [
      'an end in time, written otherwise',
      { warn: { min: '2024-01-01' }, error: { min: '2024-01-01 00:00:01' } },
    ],
  ])('a warning looser than the error, by %s', (_, levels) => {
    expect(findContradiction(levels)).toContain('nothing would ever be a warning only');
  });

  test('bounds that nothing is within, and a level in two units', () => {
    expect(findContradiction({ warn: { min: 5, max: 1 } })).toBe(
      'warn: its min is above its max, and nothing is within',
    );
    expect(findContradiction({ error: { count: 5, percent: 1 } })).toBe(
      'error: it has count and percent; one of them, please',
    );
  });
});

test.each<[string, object]>([
  ['none', {}],
  ['one', { warn: { count: 5 } }],
  ['equal ones', { warn: { count: 5 }, error: { count: 5 } }],
  ['a stricter warning', { warn: { min: 2, max: 4 }, error: { min: 1, max: 4 } }],
  ['other ends', { warn: { min: 2 }, error: { max: 1 } }],
  ['a count and a percentage', { warn: { count: 50 }, error: { percent: 0.1 } }],
  [
    'times that only an engine can compare',
    { warn: { min: 'infinity' }, error: { min: '2024-01-01' } },
  ],
])('%s can be meant', (_, levels) => {
  expect(findContradiction(levels)).toBeUndefined();
});
