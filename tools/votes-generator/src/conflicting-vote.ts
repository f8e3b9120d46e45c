import { pickBelow } from './row-hash.ts';
import type { VoteRecord } from './vote-record.ts';

/** The votes of these types carry no user and no bounty, so that they can change into each other. */
const upMod = 2;
const downMod = 3;
const smallestBounty = 50;

/**
 * A vote with the same Id and exactly one column changed, which one is chosen by `hash`: the post,
 * the day, the type, the user, or the bounty (from absent too), as far as the vote's type has it.
 */
export function changeVote({
  vote,
  hash,
  dayCount,
}: {
  readonly vote: VoteRecord;
  readonly hash: number;
  readonly dayCount: number;
}): VoteRecord {
  const changes: VoteRecord[] = [{ ...vote, postId: vote.postId + 1 }];
  if (dayCount > 1) {
    changes.push({ ...vote, day: vote.day === 0 ? 1 : vote.day - 1 });
  }
  if (vote.userId !== undefined) {
    changes.push({ ...vote, userId: vote.userId === -1 ? 1 : vote.userId + 1 });
  }
  if (vote.voteTypeId === 8 || vote.voteTypeId === 9) {
    changes.push({ ...vote, bountyAmount: changeBounty(vote) });
  } else if (vote.userId === undefined) {
    changes.push({ ...vote, voteTypeId: vote.voteTypeId === upMod ? downMod : upMod });
  }
  return changes[pickBelow(hash, changes.length)] ?? vote;
}

function changeBounty({ voteTypeId, bountyAmount }: VoteRecord): number | undefined {
  if (bountyAmount === undefined) return smallestBounty;
  return voteTypeId === 9 ? undefined : 2 * bountyAmount;
}
