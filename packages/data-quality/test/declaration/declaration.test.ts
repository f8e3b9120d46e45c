import { defineSuite, voteSuite } from '@sluice/schemas/expectations';
import type { Expectation, ExpectationSuite } from '@sluice/schemas/expectations';
import { describe, expect, test } from 'vitest';

import { expandExpectation, findSuiteFaults, fingerprint } from '../../src/index.ts';

const columns = { id: 'integer', n: 'integer', d: 'double', s: 'text', at: 'instant' } as const;

/** As if it came from somewhere where no compiler has looked at it. */
function suiteOf(...expectations: object[]): ExpectationSuite {
  return {
    dataset: 'x',
    shape: { columns, key: ['id'] },
    expectations: expectations as Expectation[],
  };
}

describe('the fingerprint of a declaration', () => {
  test('is the same for the same declaration, however it is written', () => {
    const a = fingerprint({ id: 'x', values: [1, 2n], when: undefined, percent: 0.1 });
    expect(a).toBe(fingerprint({ percent: 0.1, values: [1n, 2], id: 'x' }));
    expect(a).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    [{ id: 'x', percent: 0.2 }],
    [{ id: 'x', values: [2, 1] }],
    [{ id: 'x', values: ['1', 2] }],
    [{ id: 'x', values: [1, 2], description: 'said' }],
  ])('is another for %j', (declaration) => {
    expect(fingerprint(declaration)).not.toBe(fingerprint({ id: 'x', values: [1, 2] }));
  });

  test('knows a NaN from a text, and refuses what is no data', () => {
    expect(fingerprint({ v: Number.NaN })).not.toBe(fingerprint({ v: 'NaN' }));
    expect(() => fingerprint({ v: () => 1 })).toThrow(TypeError);
  });

  test('is the same from one release to the next', () => {
    expect(fingerprint({ id: 'votes.id', kind: 'unique', columns: ['Id'] })).toBe(
      '916d1fce0540eaa926931485f2da38f8071494f736409cb39143ce3086117f11',
    );
  });
});

describe('a column that may be missing', () => {
  test('becomes a check for each of what can be with it', () => {
    const checks = expandExpectation({
      id: 'user',
      kind: 'missing',
      column: 'n',
      sentinels: [-1],
      expectedWhen: { column: 's', in: ['a'] },
    });
    expect(checks.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      'user.missing not_null',
      'user.sentinel no_sentinel',
      'user.expected_missing not_null',
      'user.unexpected null',
    ]);
  });

  test('that is expected everywhere has no unexpected values', () => {
    const checks = expandExpectation({ id: 'user', kind: 'missing', column: 'n', sentinels: [] });
    expect(checks.map(({ id }) => id)).toEqual(['user.missing']);
  });
});

describe('a suite', () => {
  test('of votes has no fault', () => {
    expect(findSuiteFaults(voteSuite)).toEqual([]);
  });

  test('without a fault has none', () => {
    const suite = defineSuite({
      dataset: 'x',
      shape: { columns, key: ['id'] },
      expectations: [
        { id: 'a', kind: 'range', column: 'at', min: '2024-01-01T00:00:00Z' },
        {
          id: 'b',
          kind: 'expression',
          sql: { duckdb: 't."n" % 2 = 0', postgres: 'mod(t."n", 2) = 0' },
        },
        { id: 'c', kind: 'gaps', column: 'at', expected: 'calendar' },
      ],
    });
    expect(findSuiteFaults(suite)).toEqual([]);
  });

  test.each<[object, string]>([
    [{ kind: 'not_null', column: 'no' }, 'no column "no" is declared'],
    [{ kind: 'not_null', column: 'n', when: { column: 'no', is: 'null' } }, 'no column "no"'],
    [{ kind: 'not_null', column: 'n', error: { percent: 200 } }, 'a threshold is'],
    [
      { kind: 'not_null', column: 'n', warn: { count: 9 }, error: { count: 5 } },
      'warn: it is looser than "error"',
    ],
    [{ kind: 'not_null', column: 'n', warn: { count: 9, percent: 5 } }, 'count and percent'],
    [{ kind: 'row_count', error: { min: 9, max: 5 } }, 'its min is above its max'],
    [{ kind: 'range', column: 'n' }, 'a range has an end'],
    [{ kind: 'range', column: 'n', min: 0.5 }, 'no value of type integer'],
    [{ kind: 'in_set', column: 'at', values: ['2024-01-01'] }, 'no value of type instant'],
    [{ kind: 'length', column: 's' }, 'a length has an end'],
    [{ kind: 'length', column: 's', min: -1 }, 'no number of characters'],
    [{ kind: 'pattern', column: 's', pattern: '\\d' }, 'write [0-9]'],
    [{ kind: 'like', column: 's', pattern: 'a\\b' }, '\\ stands before'],
    [{ kind: 'like', column: 's', pattern: 'a\\' }, '\\ stands before'],
    [{ kind: 'compare', compare: '<', column: 'n', other: 's' }, 'of two types'],
    [{ kind: 'tuple_in_set', columns: ['n', 's'], tuples: [[1]] }, 'a tuple has 2 values'],
    [{ kind: 'filled', columns: ['n'], filled: 'exactly_one' }, 'two columns at least'],
    [{ kind: 'unique', columns: [] }, 'one column at least'],
    [
      { kind: 'reference', columns: ['n'], references: { relation: {}, columns: [] } },
      'as many columns',
    ],
    [{ kind: 'no_overlap', from: 'n', to: 'at' }, 'of two types'],
    [{ kind: 'row_count' }, 'bounds are missing'],
    [{ kind: 'row_count', error: {} }, 'bounds are missing'],
    [
      { kind: 'aggregate', measure: { of: 'mean', column: 'n' }, error: { min: '2024-01-01' } },
      'no number to compare with',
    ],
    [
      { kind: 'aggregate', measure: { of: 'max', column: 'at' }, error: { min: 5 } },
      'no date or time',
    ],
    [
      {
        kind: 'aggregate',
        measure: { of: 'quantile', column: 'n', fraction: 0 },
        error: { min: 5 },
      },
      'above 0 and at most 1',
    ],
    [
      {
        kind: 'categories',
        column: 'n',
        statistic: 'cramers_v',
        baseline: [{ value: 1, weight: 1 }],
        error: { max: 1 },
      },
      'two values at least',
    ],
    [
      {
        kind: 'spread',
        column: 'n',
        baseline: [
          { value: 2, share: 0.5 },
          { value: 1, share: 1 },
        ],
        error: { max: 1 },
      },
      'ascend',
    ],
    [
      { kind: 'anomaly', measure: { of: 'row_count' }, minAbsoluteChange: 0 },
      'deviations of warn or error',
    ],
    [
      { kind: 'gaps', expected: { relation: {}, columns: ['a', 'b'] }, columns: ['n'] },
      'as many expected columns',
    ],
    [{ kind: 'expression', sql: '"n" / 2 = 1' }, 'may not be read alike'],
    [{ kind: 'expression', sql: 'n > 1' }, 'columns are in double quotes'],
    [{ kind: 'expression', sql: '"n" > 1; drop table x' }, 'may not be read alike'],
    [{ kind: 'expression', sql: '"n" > 1 -- or not' }, 'would begin a comment'],
    [{ kind: 'expression', sql: '"n" > 1 /* or */' }, 'may not be read alike'],
    [{ kind: 'expression', sql: '"s" like \'a%\'' }, 'no word that both engines read alike'],
    [{ kind: 'expression', sql: 'pg_sleep(5) is null' }, 'no word that both engines read alike'],
    [{ kind: 'expression', sql: '("n" > 1' }, 'not complete'],
    [{ kind: 'expression', sql: '"n" > 1) or (1 = 1' }, 'closes nothing'],
    [{ kind: 'expression', sql: '"d" * 2 > 1' }, 'infinite in the other'],
    [{ kind: 'expression', sql: '"s" = \'a' }, 'may not be read alike'],
    [{ kind: 'expression', sql: ' ' }, 'not complete'],
    [{ kind: 'expression', sql: '(select 1) = 1' }, 'no word that both engines read alike'],
    [{ kind: 'expression', sql: '$1 = 1' }, 'may not be read alike'],
  ])('says what is wrong with %j', (expectation, fault) => {
    const faults = findSuiteFaults(suiteOf({ id: 'a', ...expectation }));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  test('has each id once, and a key', () => {
    const twice = { id: 'a', kind: 'not_null', column: 'n' };
    expect(findSuiteFaults(suiteOf(twice, twice))).toEqual(['a: 2 checks have this id']);
    const { expectations } = suiteOf();
    expect(findSuiteFaults({ dataset: 'x', shape: { columns, key: [] }, expectations })).toEqual([
      'x: the key has no column',
    ]);
  });
});
