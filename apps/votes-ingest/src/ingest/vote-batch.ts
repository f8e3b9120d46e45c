import type { Vote } from '@sluice/schemas';

import type { CanonicalVote } from './canonical-vote.ts';
import { allocateBatch, batchRows, viewsOf } from './vote-columns.ts';
import type { FilledBatch, VoteColumns } from './vote-columns.ts';

const twoTo32 = 2 ** 32;

/** Takes a filled batch, and gives memory for the next one: the same, or other. */
export type BatchTaker = (batch: FilledBatch) => ArrayBuffer;

/**
 * Votes on their way into a table of the six columns of a vote and a seventh, the tag: the file's
 * number in `blog_analysis.votes`, the line's number where votes wait to be settled.
 */
export class VoteBatch {
  readonly #take: BatchTaker;
  #memory = allocateBatch();
  #columns: VoteColumns = viewsOf(this.#memory);
  #rows = 0;

  /** `take` gets each batch as it is full, and the last one. */
  constructor(take: BatchTaker) {
    this.#take = take;
  }

  pushCanonical(vote: CanonicalVote, tag: number): void {
    const columns = this.#columns;
    const row = this.#rows;
    setInt64(columns.id, row, vote.id);
    setInt64(columns.postId, row, vote.postId);
    columns.voteTypeId[row] = vote.voteTypeId;
    setInt64(columns.userId, row, vote.userId);
    setInt64(columns.creationDate, row, vote.createdMicroseconds);
    columns.bountyAmount[row] = vote.bountyAmount;
    this.#finishRow(tag, vote.userId !== 0, vote.bountyAmount >= 0);
  }

  pushVote(vote: Vote, tag: number): void {
    const columns = this.#columns;
    const row = this.#rows;
    columns.id64[row] = vote.Id;
    columns.postId64[row] = vote.PostId;
    columns.voteTypeId[row] = vote.VoteTypeId;
    columns.userId64[row] = vote.UserId ?? 0n;
    columns.creationDate64[row] = vote.CreationDate;
    columns.bountyAmount[row] = vote.BountyAmount ?? -1;
    this.#finishRow(tag, vote.UserId !== null, vote.BountyAmount !== null);
  }

  /** Hands the last rows over. */
  finish(): void {
    if (this.#rows === 0) {
      return;
    }
    const memory = this.#take({ memory: this.#memory, rows: this.#rows });
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#columns = viewsOf(memory);
    }
    this.#columns.userValidity.fill(0);
    this.#columns.bountyValidity.fill(0);
    this.#rows = 0;
  }

  #finishRow(tag: number, hasUser: boolean, hasBounty: boolean): void {
    const { userValidity, bountyValidity } = this.#columns;
    const row = this.#rows;
    setInt64(this.#columns.tag, row, tag);
    const index = row >>> 3;
    const bit = 1 << (row & 7);
    if (hasUser) {
      userValidity[index] = (userValidity[index] ?? 0) | bit;
    }
    if (hasBounty) {
      bountyValidity[index] = (bountyValidity[index] ?? 0) | bit;
    }
    this.#rows = row + 1;
    if (this.#rows === batchRows) {
      this.finish();
    }
  }
}

/** Writes an integer of at most 53 bits as the two halves of a 64-bit one, without a bigint. */
function setInt64(halves: Int32Array, row: number, value: number): void {
  halves[row * 2] = value | 0;
  halves[row * 2 + 1] = Math.floor(value / twoTo32);
}
