import { defineSuite } from '@sluice/schemas/expectations';
import type { ExpectationSuite, TableShape } from '@sluice/schemas/expectations';
import { runInThisContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { profileTable, suggestExpectations } from '../../src/index.ts';
import { declarationCode } from '../../src/suggest/declaration-code.ts';
import { inferPattern } from '../../src/suggest/infer-pattern.ts';
import { atMostShare, percentAbove } from '../../src/suggest/wilson.ts';
import { createTable, openEngines } from '../engines.ts';
import type { CellText, Engines } from '../engines.ts';

const relation = { schema: 'q', table: 'votes' };
const shape: TableShape = {
  columns: {
    Id: 'integer',
    Kind: 'integer',
    UserId: 'integer',
    Border: 'text',
    From: 'timestamp',
    To: 'timestamp',
    Price: 'double',
    Day: 'text',
  },
  key: ['Id'],
};
const empty: ExpectationSuite = { dataset: 'any/votes', shape, expectations: [] };

let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
});

afterAll(async () => {
  await engines.close();
});

/** 2,400 rows with a rule for each column, and one row that breaks most of them. */
function makeRows(count = 2_400): CellText[][] {
  return Array.from({ length: count }, (_, index) => {
    const kind = ['1', '2', '5', '8'][index % 4] ?? '1';
    const isOdd = index === 50;
    const at = new Date(Date.UTC(2024, 0, 1) + index * 6 * 3_600_000).toISOString().slice(0, 19);
    const to = new Date(Date.parse(`${at}Z`) + (isOdd ? -1 : 6) * 3_600_000).toISOString();
    return [
      String(index + 1),
      kind,
      kind === '5' || kind === '8'
        ? index % 60 === 2
          ? '-1'
          : String(1 + ((index * 37) % 290))
        : null,
      `border_${'ABCDE'.charAt(index % 5)}${'XYZ'.charAt(index % 3)}_${'KLMNOPQ'.charAt(index % 7)}T`,
      at,
      to.slice(0, 19),
      String((index * 31) % 500),
      isOdd ? '2024-02-30' : at.slice(0, 10),
    ];
  });
}

async function suggest(suite: ExpectationSuite, neverNull: readonly string[] = []) {
  const engine = engines.duckdb;
  const profile = await profileTable({ engine, relation, shape });
  const suggestions = await suggestExpectations({ engine, relation, suite, profile, neverNull });
  return new Map(suggestions.map((suggestion) => [suggestion.expectation.id, suggestion]));
}

describe('what is suggested', () => {
  test('says for each rule what it is, how many rows meet it, and which do not', async () => {
    await createTable(engines.duckdb, relation, shape.columns, makeRows());
    const found = await suggest(empty);
    const declared = [...found.values()].map(({ expectation }) => expectation);
    expect(declared).toEqual(
      expect.arrayContaining([
        { id: 'votes.id.filled', kind: 'not_null', column: 'Id', warn: { count: 0 } },
        {
          id: 'votes.user_id.missing',
          kind: 'missing',
          column: 'UserId',
          sentinels: [-1],
          expectedWhen: { column: 'Kind', in: [5, 8] },
          missing: { warn: { count: 0 } },
          sentinel: { warn: { percent: 4.6 } },
          unexpected: { warn: { count: 0 } },
        },
        {
          id: 'votes.kind.known',
          kind: 'in_set',
          column: 'Kind',
          values: [1, 2, 5, 8],
          warn: { count: 0 },
        },
        {
          id: 'votes.border.form',
          kind: 'pattern',
          column: 'Border',
          pattern: 'border_[A-Z]{2}_[A-Z]{2}',
          warn: { count: 0 },
        },
        {
          id: 'votes.day.form',
          kind: 'form',
          column: 'Day',
          form: 'YYYY-MM-DD',
          warn: { percent: 0.24 },
        },
        { id: 'votes.id.unique', kind: 'unique', columns: ['Id'], warn: { count: 0 } },
        {
          id: 'votes.from.rises_with_id',
          kind: 'sequence',
          column: 'From',
          orderBy: ['Id'],
          mayRepeat: true,
          warn: { count: 0 },
        },
        {
          id: 'votes.from.no_holes',
          kind: 'sequence',
          column: 'From',
          step: { ms: 21_600_000 },
          warn: { count: 0 },
        },
        { id: 'votes.rows', kind: 'row_count', warn: { min: 2_160 }, error: { min: 1 } },
        {
          id: 'votes.price.range',
          kind: 'range',
          column: 'Price',
          min: 0,
          max: 550,
          warn: { count: 0 },
        },
        {
          id: 'votes.user_id.range',
          kind: 'range',
          column: 'UserId',
          min: 1,
          max: 320,
          when: { not: { column: 'UserId', in: [-1] } },
          warn: { count: 0 },
        },
        {
          id: 'votes.from.fresh',
          kind: 'freshness',
          column: 'From',
          warn: { maxAgeMs: 2 * 86_400_000 },
        },
      ]),
    );
    expect(found.get('votes.day.form')).toMatchObject({
      tested: 2_400,
      exceptions: 1,
      examples: [{ Id: 51 }],
      existing: null,
      evidence:
        '2,399 of 2,400 texts are of the form YYYY-MM-DD; 1 exception among 2,400, so at most 0.24 %',
    });
    expect(found.get('votes.user_id.missing')?.evidence).toBe(
      'filled in 1,200 of 1,200 rows whose Kind is one of 5, 8, and in 0 of 1,200 others; ' +
        'what may stand for none: -1 in 40 rows; where expected no exception among 1,200, so at most 0.32 %; ' +
        'elsewhere no exception among 1,200, so at most 0.32 %',
    );
    expect(found.get('votes.id.user_id.apart')).toBeUndefined();
  });

  test('says which of it the suite has, and the contract', async () => {
    await createTable(engines.duckdb, relation, shape.columns, makeRows());
    const found = await suggest(
      {
        ...empty,
        expectations: [
          { id: 'a', kind: 'in_set', column: 'Kind', values: [1] },
          { id: 'b', kind: 'missing', column: 'Price', sentinels: [] },
          { id: 'c', kind: 'unique', columns: ['Id', 'Kind'] },
          { id: 'd', kind: 'row_count', error: { min: 5 } },
        ],
      },
      ['Id'],
    );
    const existing = (id: string) => found.get(id)?.existing;
    expect(existing('votes.kind.known')).toBe('a');
    expect(existing('votes.price.filled')).toBe('b');
    expect(existing('votes.id.unique')).toBeNull();
    expect(existing('votes.from.unique')).toBeUndefined();
    expect(existing('votes.rows')).toBe('d');
    expect(existing('votes.id.filled')).toBe('contract');
    expect(existing('votes.kind.filled')).toBeNull();
  });

  test('is nothing where too few rows speak for it', async () => {
    await createTable(engines.duckdb, relation, shape.columns, makeRows(72));
    expect([...(await suggest(empty)).keys()]).toEqual([]);
    // Neither what lies beyond what was seen, nor that nothing is there twice.
    await createTable(engines.duckdb, relation, shape.columns, makeRows(990));
    const found = await suggest(empty);
    expect(found.has('votes.kind.known')).toBe(true);
    expect([...found.keys()].filter((id) => /range|unique|rows$/.test(id))).toEqual([]);
    await createTable(engines.duckdb, relation, shape.columns, []);
    expect([...(await suggest(empty)).keys()]).toEqual([]);
  });

  test('is no set of amounts, or of one value, no first time, and no end of what goes on rising', async () => {
    const amounts = ['25', '50', '100', '250'];
    const rows = makeRows().map(([id = '', , , ...others], index) => [
      ...[id, amounts[index % 4] ?? '', String(1 + (index >> 1)), 'MW'],
      ...others.slice(1),
    ]);
    await createTable(
      engines.duckdb,
      relation,
      shape.columns,
      rows.map((row) => row.slice(0, 8)),
    );
    const found = await suggest(empty);
    expect(found.has('votes.kind.known')).toBe(false);
    expect(found.get('votes.kind.range')?.expectation).toMatchObject({ min: 1, max: 280 });
    expect(found.has('votes.border.known')).toBe(false);
    expect(found.has('votes.from.range')).toBe(false);
    expect(found.get('votes.user_id.range')?.expectation).toEqual({
      ...{ id: 'votes.user_id.range', kind: 'range', column: 'UserId', min: 1 },
      warn: { count: 0 },
    });
  });

  test('of chosen rows says nothing of how many there are', async () => {
    await createTable(engines.duckdb, relation, shape.columns, makeRows());
    const engine = engines.duckdb;
    const scope = { column: 'Kind', in: [1, 2, 5] };
    const profile = await profileTable({ engine, relation, shape, scope });
    const suggestions = await suggestExpectations({
      engine,
      relation,
      suite: empty,
      profile,
      scope,
    });
    const ids = suggestions.map(({ expectation }) => expectation.id);
    expect(ids).toContain('votes.id.unique');
    expect(ids).not.toContain('votes.rows');
  });

  test('has a key of two columns where no single one is', async () => {
    const rows = makeRows().map((row, index) => [
      String(index >> 1),
      String(index % 2),
      ...row.slice(2),
    ]);
    await createTable(
      engines.duckdb,
      relation,
      shape.columns,
      rows.map((row) => [...row.slice(0, 4), ...['2024-01-01', '2024-01-02'], ...row.slice(6)]),
    );
    const found = await suggest(empty);
    expect(found.get('votes.id.kind.unique')?.expectation).toMatchObject({
      columns: ['Id', 'Kind'],
    });
    expect(found.get('votes.from.to.apart')).toBeUndefined();
  });
});

describe('how sure it is', () => {
  test.each([
    [0, 0, 1],
    [0, 72, 0.0507],
    [0, 73, 0.05],
    [1, 300, 0.0186],
    [30, 146, 0.2782],
    [100, 100, 1],
  ])('is the upper end of the interval of Wilson: %i of %i', (exceptions, tested, share) => {
    expect(atMostShare(exceptions, tested)).toBeCloseTo(share, 4);
  });

  test.each([
    [0, 0],
    [0.0186, 1.9],
    [0.5, 50],
    [0.999, 100],
    [0.000_101, 0.011],
    [0.123_000_1, 13],
  ])('is rounded up to two digits of a percentage: %d', (share, percent) => {
    expect(percentAbove(share)).toBe(percent);
  });

  test('a threshold never is below what was found', () => {
    for (let tested = 1; tested < 400; tested += 7) {
      for (let exceptions = 0; exceptions <= tested; exceptions += 1) {
        expect(percentAbove(atMostShare(exceptions, tested)) * tested).toBeGreaterThanOrEqual(
          exceptions * 100 - 1e-9,
        );
      }
    }
  });
});

describe('a pattern', () => {
  const shapes = (...texts: string[]) =>
    texts.map((text) => ({
      shape: text.replaceAll(/[0-9]/g, '9').replaceAll(/[a-z]/g, 'a').replaceAll(/[A-Z]/g, 'A'),
      rows: 1,
      min: text,
      max: text,
    }));

  test.each([
    [['AB_CD', 'AB_EFG'], 'AB_[A-Z]{2,3}'],
    [['a1', 'b22', 'c333'], '[a-z][0-9]{1,3}'],
    [['x.y|1', 'x.z|2'], 'x\\.[a-z]\\|[0-9]'],
    [['A-1', 'b'], '(?:A-1)|(?:b)'],
    [['é'], undefined],
    [[''], undefined],
    [['a', 'A', '1', 'a1', 'A1', '1a', '1A'], undefined],
  ])('of %j is %s', (texts, pattern) => {
    expect(inferPattern(shapes(...texts))).toBe(pattern);
  });
});

describe('a declaration as code', () => {
  test.each([
    [{ id: "it's", kind: 'x' }, "{ id: 'it\\'s', kind: 'x' },"],
    [{ 'a b': 1n, c: [1, -2.5, true, null] }, "{ 'a b': 1n, c: [1, -2.5, true, null] },"],
    [{ text: 'a"b\\c\n\u2028é' }, `{ text: 'a"b\\\\c\\n\\u2028é' },`],
    [{ gone: undefined, empty: {} }, '{ empty: {} },'],
  ])('is what a person would write: %o', (declaration, code) => {
    expect(declarationCode(declaration)).toBe(code);
  });

  test('is broken where it is long', () => {
    const values = Array.from({ length: 30 }, (_, index) => 1_000 + index);
    const code = declarationCode({ id: 'a', kind: 'in_set', column: 'b', values });
    expect(code.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(runInThisContext(`[${code}][0]`)).toEqual({
      id: 'a',
      kind: 'in_set',
      column: 'b',
      values,
    });
  });

  test('goes into a suite', () => {
    // As the first test has it: that it compiles here is the point.
    const suite = defineSuite({
      dataset: 'votes',
      shape: { columns: { UserId: 'integer', Kind: 'integer', From: 'timestamp' }, key: ['Kind'] },
      expectations: [
        {
          id: 'votes.user_id.missing',
          kind: 'missing',
          column: 'UserId',
          sentinels: [-1],
          expectedWhen: { column: 'Kind', in: [5, 8] },
          missing: { warn: { count: 0 } },
          sentinel: { warn: { percent: 7.6 } },
          unexpected: { warn: { count: 0 } },
        },
        {
          id: 'votes.from.no_holes',
          kind: 'sequence',
          column: 'From',
          step: { ms: 21600000 },
          warn: { count: 0 },
        },
        {
          id: 'votes.from.fresh',
          kind: 'freshness',
          column: 'From',
          warn: { maxAgeMs: 172800000 },
        },
      ],
    });
    expect(suite.expectations).toHaveLength(3);
  });
});
