import { expect, test } from 'vitest';

import { changeVote } from '../src/conflicting-vote.ts';
import type { VoteRecord } from '../src/vote-record.ts';

const upMod: VoteRecord = {
  id: 7,
  postId: 3,
  voteTypeId: 2,
  userId: undefined,
  day: 5,
  bountyAmount: undefined,
  hasUnknownField: false,
};
const hashes = Array.from({ length: 64 }, (_, index) => index * 2 ** 25);

function changedFields(vote: VoteRecord, dayCount = 10): (string | undefined)[] {
  return hashes.flatMap((hash) => {
    const changed = new Map(Object.entries(changeVote({ vote, hash, dayCount })));
    const names = Object.entries(vote).filter(([name, value]) => changed.get(name) !== value);
    expect(names).toHaveLength(1);
    return names.map(([name]) => name);
  });
}

test.each([
  { name: 'a plain vote', vote: upMod, fields: ['day', 'postId', 'voteTypeId'] },
  {
    name: 'a favourite',
    vote: { ...upMod, voteTypeId: 5, userId: -1 },
    fields: ['day', 'postId', 'userId'],
  },
  {
    name: 'the start of a bounty',
    vote: { ...upMod, voteTypeId: 8, userId: 4, bountyAmount: 50 },
    fields: ['bountyAmount', 'day', 'postId', 'userId'],
  },
  {
    name: 'the end of a bounty without an amount',
    vote: { ...upMod, voteTypeId: 9 },
    fields: ['bountyAmount', 'day', 'postId'],
  },
])('exactly one field of $name changes, and each of them can', ({ vote, fields }) => {
  expect([...new Set(changedFields(vote))].toSorted()).toEqual(fields);
});

test('the amount of a bounty that ends goes to absent and comes from it', () => {
  const closed = { ...upMod, voteTypeId: 9, bountyAmount: 100 };
  const amounts = hashes.map((hash) => changeVote({ vote: closed, hash, dayCount: 1 }));
  expect(amounts.some(({ bountyAmount }) => bountyAmount === undefined)).toBe(true);
});

test('a calendar of one day leaves the day alone, and the first day moves forward', () => {
  expect(changedFields({ ...upMod, day: 0 }, 1)).not.toContain('day');
  const days = hashes.map((hash) => changeVote({ vote: { ...upMod, day: 0 }, hash, dayCount: 2 }));
  expect(new Set(days.map(({ day }) => day))).toEqual(new Set([0, 1]));
});
