import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import type { StoredVote } from './checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from './vote-source.ts';
import type { FieldSources } from './vote-source.ts';

/** A name, the fields that differ from the good vote's, and the columns that do. */
type Case = readonly [name: string, fields: FieldSources, columns: Partial<StoredVote>];

const maxInt64 = '9223372036854775807';

const cases: readonly Case[] = [
  ['integers as numbers', { PostId: '7', VoteTypeId: '2', UserId: '5' }, { UserId: '5' }],
  ['2^53 + 1', { PostId: '9007199254740993' }, { PostId: '9007199254740993' }],
  ['2^53 + 1 as a string', { UserId: '"9007199254740993"' }, { UserId: '9007199254740993' }],
  [
    '2^63 - 1',
    { PostId: maxInt64, UserId: `"${maxInt64}"` },
    { PostId: maxInt64, UserId: maxInt64 },
  ],
  ['digits as escapes', { PostId: String.raw`"\u0031\u0032"` }, { PostId: '12' }],
  ['a deleted user', { UserId: '-1' }, { UserId: '-1' }],
  ['a deleted user as a string', { UserId: '"-1"' }, { UserId: '-1' }],
  ['no user', { UserId: 'null' }, {}],
  ['a bounty of nothing', { BountyAmount: '0' }, { BountyAmount: 0 }],
  ['a bounty of minus nothing', { BountyAmount: '"-0"' }, { BountyAmount: 0 }],
  ['the largest bounty', { BountyAmount: '2147483647' }, { BountyAmount: 2_147_483_647 }],
  ['no bounty', { BountyAmount: 'null' }, {}],
  ['the largest type', { VoteTypeId: '32767' }, { VoteTypeId: 32_767 }],
  ['an undocumented type', { VoteTypeId: '13' }, { VoteTypeId: 13 }],
  ['blanks', { Extra: ' [ 1 ,\t2 ] ' }, {}],
  ['a NUL in a value, escaped', { Extra: String.raw`"\u0000"` }, {}],
  ['half a surrogate pair, escaped', { Extra: String.raw`"\ud83d"` }, {}],
  ['a number that no double holds', { Extra: '1e400' }, {}],
  ['equal names in two objects', { Extra: '[{"a":1},{"a":1,"b":{"a":1}}]' }, {}],
  ['its own names inside another field', { Extra: voteSource({ Id: '0' }) }, {}],
  ['names that differ by case', { id: '"x"', ID: 'null', postid: '{}' }, {}],
  [
    'names of JavaScript',
    { ['__proto__']: '{}', constructor: '1', toString: 'null', hasOwnProperty: '""' },
    {},
  ],
  ['the empty name', { '': '1' }, {}],
  ['quotes and braces in a string', { Extra: String.raw`"\"},{\"Id\":\"9\"\\"` }, {}],
  ['a line separator', { Extra: '"\u2028\u2029\u0085"' }, {}],
  ['10,000 digits elsewhere', { Extra: '1'.repeat(10_000) }, {}],
  ...(
    [
      ['2022-05-04', '2022-05-04 00:00:00'],
      ['2022-05-04T01:02:03', '2022-05-04 01:02:03'],
      ['2022-05-04T01:02:03Z', '2022-05-04 01:02:03'],
      ['2022-05-04T01:02:03.4', '2022-05-04 01:02:03.4'],
      ['2022-05-04T01:02:03.123456', '2022-05-04 01:02:03.123456'],
      ['2022-05-04T01:02:03.000001Z', '2022-05-04 01:02:03.000001'],
      ['2022-05-04T01:02:03.123456+00:00', '2022-05-04 01:02:03.123456'],
      ['2022-05-04T23:30:00-05:00', '2022-05-05 04:30:00'],
      ['2022-01-01T00:15:00.5+05:45', '2021-12-31 18:30:00.5'],
      ['2022-03-27T02:30:00', '2022-03-27 02:30:00'],
      ['2022-03-27T02:30:00+23:59', '2022-03-26 02:31:00'],
      ['2020-02-29', '2020-02-29 00:00:00'],
      ['2000-02-29', '2000-02-29 00:00:00'],
      ['0001-01-01', '0001-01-01 00:00:00'],
      ['0001-01-01T00:00:00-00:01', '0001-01-01 00:01:00'],
      ['0050-06-07T08:09:10.000011', '0050-06-07 08:09:10.000011'],
      ['1582-10-10', '1582-10-10 00:00:00'],
      ['1969-12-31T23:59:59.999999', '1969-12-31 23:59:59.999999'],
      ['2250-12-31T23:59:59.999999', '2250-12-31 23:59:59.999999'],
      ['2251-01-01T00:00:00.000001', '2251-01-01 00:00:00.000001'],
      ['9999-12-31', '9999-12-31 00:00:00'],
      ['9999-12-31T23:59:59.999999', '9999-12-31 23:59:59.999999'],
    ] as const
  ).map(([text, stored]): Case => [text, { CreationDate: `"${text}"` }, { CreationDate: stored }]),
];

const otherLines: readonly (readonly [name: string, line: (source: string) => string])[] = [
  ['blanks around it', (line) => ` \t${line} `],
  ['blanks everywhere', (line) => line.replaceAll(/([{}:,])(?=["}])/g, '\t$1 ').concat('\t')],
  [
    'its fields in another order',
    (line) => `{${line.slice(1, -1).split(',').reverse().join(',')}}`,
  ],
  ['an escaped name', (line) => line.replace('"PostId"', String.raw`"Post\u0049d"`)],
];

describe('a line that keeps the contract', () => {
  let warehouse: CheckedWarehouse;
  let stored: Map<string, StoredVote>;

  beforeAll(async () => {
    warehouse = await CheckedWarehouse.create();
    const lines = cases.map(([, fields], index) =>
      voteSource({ ...fields, Id: `"${1_000 + index}"` }),
    );
    const others = otherLines.map(([, change], index) => change(goodLine(2_000 + index)));
    await warehouse.ingestBytes(fileOf([...lines, ...others]));
    stored = new Map((await warehouse.votes()).map((vote) => [vote.Id, vote]));
  });

  afterAll(async () => {
    await warehouse.remove();
  });

  const good = {
    PostId: '7',
    VoteTypeId: 2,
    UserId: null,
    CreationDate: '2017-02-28 00:00:00',
    BountyAmount: null,
  };

  test.each(cases.map((entry, index) => [entry[0], `${1_000 + index}`, entry[2]] as const))(
    'is loaded with %s',
    (_, id, columns) => {
      expect(stored.get(id)).toEqual({ Id: id, ...good, ...columns });
    },
  );

  test.each(otherLines.map(([name], index) => [name, `${2_000 + index}`] as const))(
    'is loaded with %s',
    (_, id) => {
      expect(stored.get(id)).toEqual({ Id: id, ...good });
    },
  );

  test('is put aside nowhere', async () => {
    expect(await warehouse.quarantine()).toEqual([]);
    expect(stored.size).toBe(cases.length + otherLines.length);
  });
});
