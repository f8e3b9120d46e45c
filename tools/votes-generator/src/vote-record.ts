import { deriveKey, hashLimit, hashRow, pickBelow, stepHash } from './row-hash.ts';
import { createVoteCalendar } from './vote-calendar.ts';
import type { VoteCalendar } from './vote-calendar.ts';
import { createIdOfRow } from './vote-id.ts';
import type { ResolvedVotesOptions } from './votes-options.ts';

/** Votes of the real site by type, the most frequent first. */
const typeCounts = [
  [2, 29_839],
  [3, 3022],
  [5, 2503],
  [1, 1910],
  [16, 1257],
  [10, 1087],
  [15, 434],
  [8, 73],
  [9, 73],
  [12, 52],
  [11, 48],
  [4, 1],
] as const;

/** Bounties of the real site by amount. */
const amountCounts = [
  [50, 92],
  [100, 19],
  [25, 3],
  [250, 2],
] as const;

/** All bounties that begin say their amount, and 43 of 73 that end. */
const closedWithAmountPart = 43 / 73;

/** A user that was deleted is -1: 4 of 2,576. */
const deletedUserPart = 4 / 2576;
const deletedUserId = -1;

/** The real site has 30,559 users and 14,623 posts to 40,299 votes, and both grew evenly with the votes. */
const usersPerRow = 30_559 / 40_299;
const postsPerRow = 14_623 / 40_299;
/** Users that are there before the first vote. */
const foundingUsers = 64;
/** A few users vote much: one vote in eight is by one of them. */
const regularUserPart = 1 / 8;
const regularUsers = 32;

/**
 * Half of the real votes are for one of the newest 119 posts and a quarter for one of the newest 3,
 * with the other posts about as likely as each other: five in eight go to a post whose age has 0 to 9 bits.
 */
const newPostPart = 5 / 8;
const postAgeBits = 10;

/** From here on there are 16 types that the source does not document. */
const firstUnknownType = 17;
const unknownTypeCount = 16;

/** One vote before it is written. */
export interface VoteRecord {
  readonly id: number;
  readonly postId: number;
  readonly voteTypeId: number;
  /** For types 5 and 8 only. */
  readonly userId: number | undefined;
  /** Its number in the calendar. */
  readonly day: number;
  /** For types 8 and 9 only. */
  readonly bountyAmount: number | undefined;
  /** Whether it comes with a field that the contract does not know. */
  readonly hasUnknownField: boolean;
}

/** The votes of a stream: each a function of the seed and its row alone. */
export interface VoteStream {
  readonly calendar: VoteCalendar;
  readonly readVote: (row: number) => VoteRecord;
}

/** Prepares a stream; the rows are made as they are read. */
export function createVoteStream(options: ResolvedVotesOptions): VoteStream {
  const { seed } = options;
  const calendar = createVoteCalendar(options);
  const idOfRow = createIdOfRow(options);
  const contentKey = deriveKey(seed, 'content');
  const unknownTypeKey = deriveKey(seed, 'unknownType');
  const unknownTypeLimit = hashLimit(options.unknownTypes);
  const unknownFieldKey = deriveKey(seed, 'unknownField');
  const unknownFieldLimit = hashLimit(options.unknownFields);

  const readVote = (row: number): VoteRecord => {
    const hash = hashRow(contentKey, row);
    const unknownTypeHash = unknownTypeLimit > 0 ? hashRow(unknownTypeKey, row) : Infinity;
    const voteTypeId =
      unknownTypeHash < unknownTypeLimit
        ? firstUnknownType + (unknownTypeHash % unknownTypeCount)
        : chooseType(hash);
    return {
      id: idOfRow(row),
      postId: choosePost(row, stepHash(hash, 1)),
      voteTypeId,
      userId: hasUser(voteTypeId) ? chooseUser(row, stepHash(hash, 2)) : undefined,
      day: calendar.dayOfRow(row),
      bountyAmount: chooseBounty(voteTypeId, stepHash(hash, 3)),
      hasUnknownField: unknownFieldLimit > 0 && hashRow(unknownFieldKey, row) < unknownFieldLimit,
    };
  };
  return { calendar, readVote };
}

function hasUser(voteTypeId: number): boolean {
  return voteTypeId === 5 || voteTypeId === 8;
}

const chooseType = createChoice(typeCounts);
const chooseAmount = createChoice(amountCounts);

function choosePost(row: number, hash: number): number {
  const newest = 1 + Math.floor(row * postsPerRow);
  const next = stepHash(hash, 1);
  if (hash >= hashLimit(newPostPart)) return 1 + pickBelow(next, newest);
  const ageMask = (1 << (hash % postAgeBits)) - 1;
  return Math.max(1, newest - (next & ageMask));
}

function chooseUser(row: number, hash: number): number {
  if (hash < hashLimit(deletedUserPart)) return deletedUserId;
  const next = stepHash(hash, 1);
  if (hash >= hashLimit(1 - regularUserPart)) return 1 + pickBelow(next, regularUsers);
  return 1 + pickBelow(next, foundingUsers + Math.floor(row * usersPerRow));
}

function chooseBounty(voteTypeId: number, hash: number): number | undefined {
  if (voteTypeId !== 8 && voteTypeId !== 9) return undefined;
  if (voteTypeId === 9 && hash >= hashLimit(closedWithAmountPart)) return undefined;
  return chooseAmount(stepHash(hash, 1));
}

/** Chooses among numbers as often as they were counted. */
function createChoice(
  counts: readonly (readonly [choice: number, count: number])[],
): (hash: number) => number {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  const limits = counts.map(([choice, count]) => ({
    choice,
    limit: hashLimit((seen += count) / total),
  }));
  return (hash) => {
    for (const { choice, limit } of limits) {
      if (hash < limit) return choice;
    }
    return counts[0]?.[0] ?? 0;
  };
}
