import { describe, expect, test } from 'vitest';

import {
  seriesProfilesSchema,
  suggestedProfileSchema,
  suggestionSchema,
  tableProfileSchema,
} from '../../src/expectations/index.ts';

const column = {
  ...{ name: 'key', type: 'text', filled: 2, nulls: 0, distinct: 2, notFinite: 0 },
  ...{ min: 'a', max: 'b', minRows: 1, maxRows: 1, aboveMin: 'b', belowMax: 'a' },
  ...{ eighths: [], mean: null, zeros: null, common: [{ value: 'a', rows: 1 }], steps: [] },
  text: {
    ...{ minLength: 1, maxLength: 1, forms: { hex: 2 }, jsonLike: 0 },
    shapes: [{ shape: 'a', rows: 2, min: 'a', max: 'b' }],
  },
  days: null,
};
const suggestion = {
  expectation: { id: 'a', kind: 'not_null', column: 'key', warn: { count: 0 } },
  code: "{ id: 'a', kind: 'not_null', column: 'key', warn: { count: 0 } },",
  evidence: 'no exception among 100',
  ...{ tested: 100, exceptions: 0, atMostPercent: 3.7, examples: [{ id: 1 }], existing: null },
};
const group = {
  ...{ group: 'border', keys: 2, rows: 4, nulls: 1, distinct: 3, min: -1, q25: 0, median: 0.5 },
  ...{ q75: 1, max: 2, mean: 0.7, zeros: 1, sentinelShare: 0.25, keysPerDay: { min: 1, max: 2 } },
  ...{ first: '2026-06-08T22:00:00Z', last: null },
};
const series = {
  ...{ dataset: 'core/maxExchanges', from: '2026-06-09', to: '2026-06-10', rows: 4 },
  ...{ columns: [column], groups: [group] },
};

describe('the documents of profiles', () => {
  test('have exactly what is printed', () => {
    const table = {
      ...{ rows: 2, columns: [column], splits: [], spreads: [], keys: [['key']], timeColumn: null },
      pairs: [{ column: 'a', other: 'b', less: 1, equal: 1, greater: 0 }],
    };
    expect(tableProfileSchema.parse(table)).toEqual(table);
    const profiles = [series, { ...series, suggestions: [suggestion] }];
    expect(seriesProfilesSchema.parse(profiles)).toEqual(profiles);
    const votes = {
      ...{ rows: 0, columns: [], voteTypes: [], suggestions: [suggestion] },
      days: { first: null, last: null, observed: 0, missing: 0 },
      weeks: { first: null, last: null, observed: 0, missing: [] },
    };
    expect(suggestedProfileSchema.parse(votes)).toEqual(votes);
  });

  test.each([
    { ...suggestion, exceptions: -1 },
    { ...suggestion, atMostPercent: 101 },
    { ...suggestion, expectation: { kind: 'not_null' } },
    { ...suggestion, existing: undefined },
  ])('refuse a suggestion that is none: %o', (wrong) => {
    expect(suggestionSchema.safeParse(wrong).success).toBe(false);
  });

  test.each([
    { ...series, from: '9 June' },
    { ...series, groups: [{ ...group, sentinelShare: 2 }] },
    { ...series, columns: [{ ...column, text: { ...column.text, forms: { rhyme: 1 } } }] },
  ])('refuse a profile that is none: %o', (wrong) => {
    expect(seriesProfilesSchema.safeParse([wrong]).success).toBe(false);
  });
});
