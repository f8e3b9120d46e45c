import { describe, expect, expectTypeOf, test } from 'vitest';

import { defineSuite, shapeOfContract } from '../../src/expectations/index.ts';
import type { ColumnName, Expectation, ValueOf } from '../../src/expectations/index.ts';
import { voteContract } from '../../src/vote-contract.ts';

const shape = shapeOfContract(voteContract);
type VoteColumns = (typeof shape)['columns'];
type VoteExpectation = Expectation<VoteColumns>;

describe('the columns of a contract', () => {
  test('are its fields, with their types', () => {
    expect(shape.columns).toEqual({
      Id: 'integer',
      PostId: 'integer',
      VoteTypeId: 'integer',
      UserId: 'integer',
      CreationDate: 'timestamp',
      BountyAmount: 'integer',
    });
    expect(shape.key).toEqual(['Id']);
    expectTypeOf<ColumnName<VoteColumns, 'timestamp'>>().toEqualTypeOf<'CreationDate'>();
    expectTypeOf<ValueOf<VoteColumns, 'Id'>>().toEqualTypeOf<number | bigint>();
    expectTypeOf<ValueOf<VoteColumns, 'CreationDate'>>().toEqualTypeOf<string>();
  });

  test('can be extended by what a table has besides', () => {
    const table = { ...shape, columns: { ...shape.columns, FileId: 'integer' } } as const;
    const suite = defineSuite({
      dataset: 'votes',
      shape: table,
      expectations: [{ id: 'a', kind: 'not_null', column: 'FileId' }],
    });
    expect(suite.expectations).toHaveLength(1);
  });
});

describe('a declaration compiles', () => {
  test('with columns and values of the contract', () => {
    const declared: VoteExpectation[] = [
      { id: 'a', kind: 'not_null', column: 'UserId', error: { percent: 0.5 } },
      { id: 'b', kind: 'in_set', column: 'VoteTypeId', values: [1, 2n] },
      { id: 'c', kind: 'range', column: 'CreationDate', min: '2008-01-01T00:00:00' },
      { id: 'd', kind: 'compare', compare: '<=', column: 'Id', other: 'PostId' },
      {
        id: 'e',
        kind: 'aggregate',
        measure: { of: 'mean', column: 'BountyAmount' },
        error: { min: 0 },
        when: {
          all: [
            { column: 'VoteTypeId', in: [8, 9] },
            { column: 'UserId', is: 'not_null' },
          ],
        },
      },
    ];
    expect(declared).toHaveLength(5);
  });

  test('not with a wrong name, wrong value, or wrong type of column', () => {
    const declared: VoteExpectation[] = [
      // @ts-expect-error no such column
      { id: 'a', kind: 'not_null', column: 'UserID' },
      // @ts-expect-error no such column among several
      { id: 'b', kind: 'unique', columns: ['Id', 'id'] },
      // @ts-expect-error no such column in a condition
      { id: 'c', kind: 'not_null', column: 'Id', when: { column: 'Kind', in: [1] } },
      // @ts-expect-error a text in a set of integers
      { id: 'd', kind: 'in_set', column: 'VoteTypeId', values: ['1'] },
      // @ts-expect-error a number as the end of a range of time
      { id: 'e', kind: 'range', column: 'CreationDate', min: 5 },
      // @ts-expect-error an integer has no length
      { id: 'f', kind: 'length', column: 'Id', max: 5 },
      // @ts-expect-error there is no mean of times
      { id: 'g', kind: 'aggregate', measure: { of: 'mean', column: 'CreationDate' }, error: {} },
      // @ts-expect-error an integer is not as old as anything
      { id: 'h', kind: 'freshness', column: 'Id' },
      // @ts-expect-error columns of two types
      { id: 'i', kind: 'compare', compare: '<', column: 'Id', other: 'CreationDate' },
      // @ts-expect-error no such kind
      { id: 'j', kind: 'notnull', column: 'Id' },
      // @ts-expect-error a table's measure has no rows to quarantine
      { id: 'k', kind: 'row_count', error: { min: 1 }, action: 'quarantine' },
      // @ts-expect-error a threshold is a count or a percentage
      { id: 'l', kind: 'null', column: 'Id', error: 5 },
      // @ts-expect-error an integer has steps of integers
      { id: 'm', kind: 'sequence', column: 'Id', step: 'day' },
      // @ts-expect-error a time has steps of time
      { id: 'n', kind: 'sequence', column: 'CreationDate', step: 1 },
      // @ts-expect-error an integer is no JSON
      { id: 'o', kind: 'json', column: 'Id' },
      // @ts-expect-error a time is not far from a median
      { id: 'p', kind: 'no_outliers', column: 'CreationDate', deviations: 3 },
      {
        id: 'q',
        kind: 'same_rows',
        // @ts-expect-error no such column here
        other: { relation: { schema: 'a', table: 'b' }, names: { userId: 'user_id' } },
      },
    ];
    expect(declared).toHaveLength(17);
  });

  test('not with a key that the table lacks', () => {
    defineSuite({
      dataset: 'votes',
      // @ts-expect-error no such column
      shape: { columns: { Id: 'integer' }, key: ['id'] },
      expectations: [],
    });
    shapeOfContract({
      fields: voteContract.fields,
      // @ts-expect-error no such column
      key: ['id'],
    });
  });
});
