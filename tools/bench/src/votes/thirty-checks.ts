import type { Expectation, ExpectationSuite } from '@sluice/schemas/expectations';

/** A check and what a person would write to count the same. */
interface Pair {
  readonly expectation: Expectation;
  /** A figure of one statement over the whole table. */
  readonly count: string;
  /** The same as a statement of its own. */
  readonly query: string;
  /** It counts failing rows. */
  readonly counts: boolean;
}

const isBad = (expectation: object, bad: string): Pair => ({
  // Each of them is an expectation but for its id.
  expectation: expectation as Expectation,
  count: `count(*) filter (where ${bad})`,
  query: `select count(*) from votes where ${bad}`,
  counts: true,
});

const figure = (expectation: object, of: string): Pair => ({
  expectation: expectation as Expectation, // see above
  count: of,
  query: `select ${of} from votes`,
  counts: false,
});

const columns = ['Id', 'PostId', 'VoteTypeId', 'CreationDate', 'FileId'];
const known = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15];

const pairs: readonly Pair[] = [
  ...columns.map((column) => isBad({ kind: 'not_null', column }, `${column} is null`)),
  isBad({ kind: 'range', column: 'Id', min: 1 }, 'Id < 1'),
  isBad(
    { kind: 'range', column: 'PostId', min: 10, max: 999_990 },
    'PostId < 10 or PostId > 999990',
  ),
  isBad(
    { kind: 'range', column: 'VoteTypeId', min: 1, max: 15 },
    'VoteTypeId < 1 or VoteTypeId > 15',
  ),
  isBad(
    { kind: 'range', column: 'BountyAmount', min: 50, max: 500 },
    'BountyAmount < 50 or BountyAmount > 500',
  ),
  isBad({ kind: 'range', column: 'BountyAmount', min: 0 }, 'BountyAmount < 0'),
  isBad(
    { kind: 'range', column: 'CreationDate', min: '2010-02-01T00:00:00' },
    `CreationDate < '2010-02-01'`,
  ),
  isBad(
    { kind: 'range', column: 'CreationDate', below: '2023-01-01T00:00:00' },
    `CreationDate >= '2023-01-01'`,
  ),
  isBad({ kind: 'range', column: 'FileId', min: 0, max: 48 }, 'FileId < 0 or FileId > 48'),
  isBad(
    { kind: 'in_set', column: 'VoteTypeId', values: known },
    `VoteTypeId not in (${known.join(', ')})`,
  ),
  isBad({ kind: 'not_in_set', column: 'VoteTypeId', values: [13, 14] }, 'VoteTypeId in (13, 14)'),
  isBad({ kind: 'no_sentinel', column: 'UserId', values: [-1] }, 'UserId = -1'),
  isBad(
    { kind: 'no_sentinel', column: 'PostId', values: [0, -1, 999_999] },
    'PostId in (0, -1, 999999)',
  ),
  isBad(
    { kind: 'not_null', column: 'UserId', when: { column: 'VoteTypeId', in: [5, 8] } },
    'VoteTypeId in (5, 8) and UserId is null',
  ),
  isBad(
    { kind: 'null', column: 'UserId', when: { not: { column: 'VoteTypeId', in: [5, 8] } } },
    'VoteTypeId not in (5, 8) and UserId is not null',
  ),
  isBad(
    { kind: 'not_null', column: 'BountyAmount', when: { column: 'VoteTypeId', in: [8, 9] } },
    'VoteTypeId in (8, 9) and BountyAmount is null',
  ),
  isBad(
    { kind: 'null', column: 'BountyAmount', when: { not: { column: 'VoteTypeId', in: [8, 9] } } },
    'VoteTypeId not in (8, 9) and BountyAmount is not null',
  ),
  isBad({ kind: 'compare', compare: '<>', column: 'Id', other: 'PostId' }, 'Id = PostId'),
  isBad({ kind: 'compare', compare: '<=', column: 'FileId', other: 'Id' }, 'FileId > Id'),
  isBad(
    {
      kind: 'tuple_in_set',
      columns: ['VoteTypeId', 'FileId'],
      tuples: [
        [2, 0],
        [3, 1],
      ],
      when: { column: 'Id', compare: '<', value: 1_000 },
    },
    'Id < 1000 and not (VoteTypeId = 2 and FileId = 0 or VoteTypeId = 3 and FileId = 1)',
  ),
  isBad(
    { kind: 'filled', columns: ['UserId', 'BountyAmount'], filled: 'at_most_one' },
    'UserId is not null and BountyAmount is not null',
  ),
  isBad(
    { kind: 'expression', sql: '"BountyAmount" >= 0 and "UserId" <> 7' },
    'not (BountyAmount >= 0 and UserId <> 7)',
  ),
  figure(
    {
      kind: 'aggregate',
      measure: { of: 'max', column: 'CreationDate' },
      error: { min: '2020-01-01' },
    },
    'max(CreationDate)',
  ),
  figure(
    { kind: 'aggregate', measure: { of: 'mean', column: 'BountyAmount' }, error: { min: 1 } },
    'avg(BountyAmount)',
  ),
  figure({ kind: 'row_count', error: { min: 1 } }, 'count(*)'),
  {
    expectation: { id: '', kind: 'unique', columns: ['Id'] },
    count: 'count(Id) - count(distinct Id)',
    query:
      'select coalesce(sum(n), 0) from (select count(*) as n from votes group by Id having count(*) > 1)',
    counts: true,
  },
];

/** 30 checks of votes; most have failing rows. */
export const thirtyChecks: ExpectationSuite = {
  dataset: 'votes',
  shape: {
    columns: {
      Id: 'integer',
      PostId: 'integer',
      VoteTypeId: 'integer',
      UserId: 'integer',
      CreationDate: 'timestamp',
      BountyAmount: 'integer',
      FileId: 'integer',
    },
    key: ['Id'],
  },
  expectations: pairs.map(({ expectation }, index) => ({ ...expectation, id: `check.${index}` })),
};

/** Whose failing rows are counted; others are figures about the table. */
export const countedChecks: ReadonlySet<string> = new Set(
  pairs.flatMap(({ counts }, index) => (counts ? [`check.${index}`] : [])),
);

const counts = pairs.map(({ count }) => count);
const queries = pairs.map(({ query }) => query);

/**
 * The same by hand, in each of the ways that a person would choose from: all in one statement, one
 * statement for each, and all in one but for uniqueness, which is faster as a statement of its own.
 */
export const byHand = {
  one: [`select ${counts.join(', ')} from votes`],
  each: queries,
  mixed: [`select ${counts.slice(0, -1).join(', ')} from votes`, ...queries.slice(-1)],
} as const;

/** The counts of failing rows of {@link countedChecks}, by hand, in their order. */
export const failingByHand = pairs
  .filter(({ counts: isCount }) => isCount)
  .map(({ query }) => query);
