import { voteTypes } from '@sluice/schemas';
import { expect, test } from 'vitest';

import { createVoteStream } from '../src/vote-record.ts';
import { resolveVotesOptions } from '../src/votes-options.ts';
import type { VotesOptions } from '../src/votes-options.ts';

const rows = 40_299;

function readVotes(options: Partial<VotesOptions> = {}) {
  const { readVote } = createVoteStream(resolveVotesOptions({ rows, seed: 1, ...options }));
  return Array.from({ length: rows }, (_, row) => readVote(row));
}

const votes = readVotes();
const ofType = (...types: readonly number[]) =>
  votes.filter(({ voteTypeId }) => types.includes(voteTypeId));

test('votes of types 5 and 8 name a user, and no others do', () => {
  expect(ofType(5, 8).every(({ userId }) => userId !== undefined)).toBe(true);
  expect(votes.filter(({ userId }) => userId !== undefined)).toEqual(ofType(5, 8));
});

test('users are -1 or 1 and more, and a few are deleted', () => {
  const users = ofType(5, 8).map(({ userId }) => userId ?? 0);
  expect(users.every((user) => user === -1 || user >= 1)).toBe(true);
  const deleted = users.filter((user) => user === -1).length;
  expect(deleted).toBeGreaterThan(0);
  expect(deleted).toBeLessThan(20);
});

test('bounties begin with an amount, end with or without, and belong to no other vote', () => {
  expect(ofType(8).every(({ bountyAmount }) => bountyAmount !== undefined)).toBe(true);
  const closed = ofType(9).map(({ bountyAmount }) => bountyAmount);
  expect(new Set(closed).has(undefined)).toBe(true);
  expect(new Set(closed).has(50)).toBe(true);
  const amounts = votes.filter(({ bountyAmount }) => bountyAmount !== undefined);
  expect(amounts.every(({ voteTypeId }) => voteTypeId === 8 || voteTypeId === 9)).toBe(true);
});

test.each([
  [2, 29_839],
  [3, 3022],
  [5, 2503],
  [16, 1257],
  [15, 434],
])('type %i is as frequent as on the real site', (type, count) => {
  expect(ofType(type).length / rows).toBeCloseTo(count / rows, 2);
});

test('most votes are for new posts, none for one that is yet to come', () => {
  const newestOf = (row: number) => 1 + Math.floor((row * 14_623) / rows);
  const ages = votes.map(({ postId }, row) => newestOf(row) - postId);
  expect(ages.every((age, row) => age >= 0 && age < newestOf(row))).toBe(true);
  const median = ages.toSorted((a, b) => a - b)[rows / 2 - 0.5] ?? 0;
  expect(median).toBeGreaterThan(20);
  expect(median).toBeLessThan(300);
});

test('unknown types and fields come in their shares, and leave the other rows as they are', () => {
  const changed = readVotes({ unknownTypes: 0.02, unknownFields: 0.03 });
  const unknown = changed.filter(({ voteTypeId }) => !voteTypes.has(voteTypeId));
  expect(unknown.length / rows).toBeCloseTo(0.02, 2);
  expect(unknown.every(({ userId, bountyAmount }) => (userId ?? bountyAmount) === undefined)).toBe(
    true,
  );
  const withField = changed.filter(({ hasUnknownField }) => hasUnknownField);
  expect(withField.length / rows).toBeCloseTo(0.03, 2);
  const others = changed.filter(
    ({ voteTypeId, hasUnknownField }) => voteTypes.has(voteTypeId) && !hasUnknownField,
  );
  const known = new Map(votes.map((vote) => [vote.id, vote]));
  expect(others.every((vote) => vote.postId === known.get(vote.id)?.postId)).toBe(true);
});

test('a vote depends on its row and the stream alone', () => {
  const options = resolveVotesOptions({ rows: 1, firstRow: 5000, seed: 1 });
  const { readVote } = createVoteStream(options);
  expect(readVote(39_000)).toEqual(votes[39_000]);
  expect(readVote(7)).toEqual(votes[7]);
});
