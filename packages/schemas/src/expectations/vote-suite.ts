import { voteContract, voteTypes } from '../vote-contract.ts';
import { defineSuite } from './expectation.ts';
import { shapeOfContract } from './table-shape.ts';

/** The types that the source publishes a voter, or an amount, for. */
const typesWithUser = [5, 8];
const typesWithBounty = [8, 9];

const { columns, key } = shapeOfContract(voteContract);

/**
 * What is expected of votes beyond their contract, whose fields the loader has checked one by one.
 * None of it refuses anything: the source has exceptions to each.
 */
export const voteSuite = defineSuite({
  dataset: voteContract.dataset,
  shape: { columns: { ...columns, FileId: 'integer' }, key },
  expectations: [
    { id: 'votes.columns', kind: 'schema', additional: 'allowed' },
    { id: 'votes.rows', kind: 'row_count', error: { min: 1 } },
    // The loader proves it of each file before it writes a row.
    { id: 'votes.id.unique', kind: 'unique', columns: ['Id'], of: ['whole'] },
    {
      id: 'votes.type.known',
      kind: 'in_set',
      column: 'VoteTypeId',
      values: [...voteTypes.keys()],
      warn: { count: 0 },
    },
    {
      id: 'votes.user',
      kind: 'missing',
      column: 'UserId',
      sentinels: [-1],
      expectedWhen: { column: 'VoteTypeId', in: typesWithUser },
      missing: { warn: { count: 0 } },
      sentinel: 'count_only',
    },
    {
      id: 'votes.bounty',
      kind: 'missing',
      column: 'BountyAmount',
      sentinels: [],
      expectedWhen: { column: 'VoteTypeId', in: typesWithBounty },
      missing: { warn: { count: 0 } },
    },
    {
      id: 'votes.date.site_exists',
      description: 'The oldest Stack Exchange site opened in 2008.',
      kind: 'range',
      column: 'CreationDate',
      min: '2008-01-01T00:00:00',
      warn: { count: 0 },
    },
    {
      id: 'votes.file.rows',
      description: 'Any number is right, until bounds are configured.',
      kind: 'row_count',
      of: ['batch'],
      error: { min: 0 },
    },
    {
      id: 'votes.file.volume',
      description: 'A file has about as many rows as the files of the calendar before it.',
      kind: 'anomaly',
      of: ['batch'],
      measure: { of: 'row_count' },
      seasonality: 'weekday',
      minAbsoluteChange: 100,
      minPercentChange: 20,
      warn: { deviations: 6 },
    },
    {
      id: 'votes.day.volume',
      description: 'A day has about as many votes as the same weekday before it.',
      kind: 'anomaly',
      of: ['slot'],
      measure: { of: 'row_count' },
      seasonality: 'weekday',
      minAbsoluteChange: 100,
      minPercentChange: 20,
      warn: { deviations: 6 },
    },
    { id: 'votes.date.fresh', kind: 'freshness', column: 'CreationDate' },
    {
      id: 'votes.date.gaps',
      kind: 'gaps',
      column: 'CreationDate',
      expected: 'calendar',
      grain: 'day',
    },
  ],
});
