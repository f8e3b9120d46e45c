import { describe, expect, test } from 'vitest';

import {
  checkIds,
  checkOverridesSchema,
  configureSuite,
  defineSuite,
  voteSuite,
} from '../../src/expectations/index.ts';

const suite = defineSuite({
  dataset: 'x',
  shape: { columns: { id: 'integer', n: 'integer', at: 'timestamp' }, key: ['id'] },
  expectations: [
    { id: 'n.known', kind: 'in_set', column: 'n', values: [1, 2], warn: { count: 0 } },
    {
      id: 'n',
      kind: 'missing',
      column: 'n',
      sentinels: [-1],
      expectedWhen: { column: 'id', in: [1] },
    },
    { id: 'rows', kind: 'row_count', error: { min: 1 } },
    { id: 'fresh', kind: 'freshness', column: 'at' },
    { id: 'columns', kind: 'schema' },
    { id: 'any', kind: 'row_count', error: { min: 0 } },
    {
      id: 'newest',
      kind: 'aggregate',
      measure: { of: 'max', column: 'at' },
      error: { min: '2020-01-01' },
    },
    { id: 'mean', kind: 'aggregate', measure: { of: 'mean', column: 'n' }, error: { min: -1 } },
    {
      id: 'volume',
      kind: 'anomaly',
      measure: { of: 'row_count' },
      minAbsoluteChange: 5,
      warn: { deviations: 4 },
    },
  ],
});

function configure(overrides: unknown) {
  return configureSuite(suite, checkOverridesSchema.parse(overrides));
}

/** A level that fits the kind of the check. */
function errorOf(id: string): unknown {
  const levels: Readonly<Record<string, unknown>> = {
    'votes.rows': { min: 1 },
    'votes.id.unique': { count: 0 },
    'votes.day.volume': { deviations: 6 },
  };
  return levels[id] ?? null;
}

function configured(id: string, overrides: unknown) {
  const { suite: found, problems } = configure(overrides);
  expect(problems).toEqual([]);
  return found.expectations.find((expectation) => expectation.id === id);
}

describe('a suite with what a user says of its checks', () => {
  test('is the same where nothing is said', () => {
    expect(configure({})).toEqual({ suite, problems: [] });
  });

  test('lacks a check that is off', () => {
    expect(configured('n.known', { 'n.known': { off: true } })).toBeUndefined();
    expect(configured('n', { 'n.sentinel': { off: true } })).toMatchObject({ sentinel: 'off' });
  });

  test('does not know a check any more that is off', () => {
    const { suite: without } = configure({ 'n.sentinel': { off: true }, rows: { off: true } });
    expect(without.expectations.flatMap(checkIds)).not.toContain('n.sentinel');
    expect(configureSuite(without, { 'n.sentinel': { off: true } }).problems).toHaveLength(1);
  });

  test('has the levels and the action that were given, and of others the declared ones', () => {
    expect(
      configured('n.known', { 'n.known': { error: { percent: 0.5 }, action: 'refuse' } }),
    ).toMatchObject({ warn: { count: 0 }, error: { percent: 0.5 }, action: 'refuse' });
    const withoutWarning = configured('n.known', { 'n.known': { warn: null } });
    expect(withoutWarning).not.toHaveProperty('warn');
  });

  test('has them in one part of a column that may be missing, from what that part is by default', () => {
    expect(
      configured('n', {
        'n.missing': { action: 'quarantine' },
        'n.sentinel': { error: { count: 3 } },
        'n.expected_missing': { warn: { count: 9 } },
        'n.unexpected': { warn: null, error: { count: 1 } },
      }),
    ).toMatchObject({
      missing: { action: 'quarantine' },
      sentinel: { warn: { count: 0 }, error: { count: 3 } },
      expectedMissing: { warn: { count: 9 }, error: { percent: 100 } },
      unexpected: { error: { count: 1 } },
    });
  });

  test.each([
    ['rows', { error: { min: 5, max: 9 } }],
    ['fresh', { error: { maxAgeMs: 5 } }],
    ['fresh', { warn: { deadline: { graceMs: 5 } } }],
    ['columns', { action: 'refuse' }],
    ['volume', { warn: null, error: { deviations: 2.5 } }],
    ['newest', { error: { min: '2020-01-01', max: '2021-01-01T10:30:00Z' } }],
    ['mean', { action: 'refuse' }],
    ['any', { error: { min: 0, max: 5 }, action: 'refuse' }],
    ['n.expected_missing', { error: { percent: 99.9 }, action: 'quarantine' }],
  ])('takes what fits the kind of %s', (id, override) => {
    expect(configure({ [id]: override }).problems).toEqual([]);
  });

  test.each([
    [{ 'n.knwon': { off: true } }, 'n.knwon: there is no such check of x; there are n.known, n.'],
    [{ n: { off: true } }, 'n: stands for several checks: n.missing, n.sentinel, n.e'],
    [{ 'n.known': { error: { min: 5 } } }, 'n.known: error: a level of kind in_set is {"count"'],
    [{ 'n.known': { error: { percent: 101 } } }, 'n.known: error: a level of kind in_set is'],
    [{ 'n.missing': { error: { min: 5 } } }, 'n.missing: error: a level of kind not_null is'],
    [{ rows: { error: { count: 5 } } }, 'rows: error: a level of kind row_count is {"min"'],
    [{ rows: { action: 'quarantine' } }, 'rows: action: a check of kind row_count has no failing'],
    [{ rows: { error: null } }, 'rows: no level is left'],
    [{ volume: { warn: null } }, 'volume: no level is left'],
    [{ columns: { error: { count: 5 } } }, 'columns: error: a check of kind schema has no levels'],
    [{ 'n.known': { action: 'refuse' } }, 'n.known: action: refuse follows from the level "error"'],
    [{ 'n.sentinel': { action: 'refuse' } }, 'n.sentinel: action: refuse follows from the level'],
    [
      { 'n.known': { warn: { percent: 2 }, error: { percent: 1 } } },
      'n.known: warn: it is looser than "error"',
    ],
    [{ 'n.missing': { warn: { count: 2 }, error: { count: 1 } } }, 'n.missing: warn: it is looser'],
    [{ rows: { warn: { min: 0 } } }, 'rows: warn: it is looser than "error"'],
    [
      { 'n.expected_missing': { action: 'quarantine' } },
      'n.expected_missing: action: quarantine follows from the level "error", which is {"percent": 100}, and never crossed; {"count": 0} is crossed by the first',
    ],
    [
      { 'n.expected_missing': { warn: null, action: 'refuse' } },
      'which is {"percent": 100}, and never crossed',
    ],
    [{ 'n.known': { error: { percent: 100 }, action: 'refuse' } }, 'never crossed; {"count": 0}'],
    [{ any: { action: 'refuse' } }, 'any: action: refuse follows from the level "error", which is'],
    [{ rows: { error: { min: 'many' } } }, 'rows: error: a level of kind row_count is {"min": n,'],
    [{ rows: { error: { min: '2020-01-01' } } }, 'rows: error: a level of kind row_count is'],
    [{ mean: { warn: { max: 'some' } } }, 'mean: warn: a level of kind aggregate is {"min": n,'],
    [{ newest: { error: { min: 5 } } }, 'newest: error: a level of kind aggregate is {"min": t,'],
    [{ newest: { error: { min: '2020-02-30' } } }, 'newest: error: a level of kind aggregate is'],
    [{ rows: { error: { min: 5, max: 4 } } }, 'rows: error: its min is above its max'],
  ])('says what is wrong with %j', (overrides, problem) => {
    const { problems } = configure(overrides);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test.each([
    [{ off: false }, ['off'], 'must be true'],
    [{ off: true, action: 'warn' }, [], 'off: it stands alone'],
    [{ error: { count: -1 } }, ['error', 'count'], 'must be a whole number of 0 or more'],
    [{ error: { count: 1.5 } }, ['error', 'count'], 'must be a whole number of 0 or more'],
    [{ warn: { percent: '5' } }, ['warn', 'percent'], 'must be a finite number of 0 or more'],
    [{ error: { deviations: 0 } }, ['error', 'deviations'], 'must be a finite number above 0'],
    [
      { error: { deviations: Infinity } },
      ['error', 'deviations'],
      'must be a finite number above 0',
    ],
    [{ error: { min: true } }, ['error', 'min'], 'must be a number, or a time as text'],
    [{ error: { deadline: 5 } }, ['error', 'deadline'], 'must be {"graceMs": n}'],
    [{ error: {} }, ['error'], 'must be one limit, such as'],
    [{ error: { count: 1, percent: 1 } }, ['error'], 'must be one limit, such as'],
    [{ error: { counts: 1 } }, ['error'], 'there is no member "counts"; it must be null or a'],
    [{ error: 5 }, ['error'], 'must be null or a level such as {"count": 10}'],
    [{ action: 'ignore' }, ['action'], 'must be warn, quarantine or refuse'],
    [{ severity: 'warn' }, [], 'there is no member "severity"; it must be {"off": true}, or have'],
    ['off', [], 'must be {"off": true}, or have levels'],
  ])('is not made of %j, and says what is wrong', (override, path, message) => {
    const issues = checkOverridesSchema.safeParse({ x: override }).error?.issues;
    expect(issues).toHaveLength(1);
    expect(issues?.[0]?.path).toEqual(['x', ...path]);
    expect(issues?.[0]?.message).toContain(message);
  });

  test.each([
    ['votes.rows', 'refuse', 'the whole table'],
    ['votes.columns', 'refuse', 'the whole table'],
    ['votes.id.unique', 'quarantine', 'the whole table'],
    ['votes.day.volume', 'refuse', 'a day'],
  ])('says that nothing follows from %s by the action %s', (id, action, part) => {
    const overrides = checkOverridesSchema.parse({
      [id]: { warn: null, error: errorOf(id), action },
    });
    const { problems } = configureSuite(voteSuite, overrides, { auditedPart: 'batch' });
    expect(problems).toEqual([
      `${id}: action: ${action} is for a check of a batch, before it is published; this one is of ${part}, afterwards`,
    ]);
    expect(configureSuite(voteSuite, overrides).problems).toEqual([]);
  });

  test.each([
    ['votes.file.rows', { error: { min: 5 }, action: 'refuse' }],
    ['votes.type.known', { error: { count: 0 }, action: 'quarantine' }],
    ['votes.user.missing', { error: { count: 0 }, action: 'quarantine' }],
    ['votes.rows', { action: 'warn' }],
    ['votes.rows', { off: true }],
  ])('takes for %s, with batches audited, %j', (id, override) => {
    const overrides = checkOverridesSchema.parse({ [id]: override });
    expect(configureSuite(voteSuite, overrides, { auditedPart: 'batch' }).problems).toEqual([]);
  });

  test('of votes lets each check be switched off by its id', () => {
    const { problems } = configureSuite(voteSuite, { 'votes.user.missing': { off: true } });
    expect(problems).toEqual([]);
  });
});
