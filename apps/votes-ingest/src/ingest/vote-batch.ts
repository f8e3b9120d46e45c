import type { Vote } from '@sluice/schemas';
import { ChunkAppender, chunkRows } from '@sluice/warehouse';
import type { ColumnBuffer, DuckDbWarehouse, TableName } from '@sluice/warehouse';

import type { CanonicalVote } from './canonical-vote.ts';

type Connection = DuckDbWarehouse['connection'];

const twoTo32 = 2 ** 32;

/**
 * Votes on their way into a table of the six columns of a vote and a seventh, the tag: the file's
 * number in `blog_analysis.votes`, the line's number where votes wait to be settled.
 */
export class VoteBatch {
  readonly #appender: ChunkAppender;
  readonly #buffers: Buffers;
  #rows = 0;

  private constructor(appender: ChunkAppender, buffers: Buffers) {
    this.#appender = appender;
    this.#buffers = buffers;
  }

  static async create(connection: Connection, table: TableName): Promise<VoteBatch> {
    const { columns, buffers } = allocate();
    return new VoteBatch(await ChunkAppender.create(connection, table, columns), buffers);
  }

  pushCanonical(vote: CanonicalVote, tag: number): void {
    const buffers = this.#buffers;
    const row = this.#rows;
    setInt64(buffers.id, row, vote.id);
    setInt64(buffers.postId, row, vote.postId);
    buffers.voteTypeId[row] = vote.voteTypeId;
    setInt64(buffers.userId, row, vote.userId);
    setInt64(buffers.creationDate, row, vote.createdMicroseconds);
    buffers.bountyAmount[row] = vote.bountyAmount;
    this.#finishRow(tag, vote.userId !== 0, vote.bountyAmount >= 0);
  }

  pushVote(vote: Vote, tag: number): void {
    const buffers = this.#buffers;
    const row = this.#rows;
    buffers.id64[row] = vote.Id;
    buffers.postId64[row] = vote.PostId;
    buffers.voteTypeId[row] = vote.VoteTypeId;
    buffers.userId64[row] = vote.UserId ?? 0n;
    buffers.creationDate64[row] = vote.CreationDate;
    buffers.bountyAmount[row] = vote.BountyAmount ?? -1;
    this.#finishRow(tag, vote.UserId !== null, vote.BountyAmount !== null);
  }

  /** Hands the last rows over to the connection's transaction. */
  close(): void {
    this.#flush();
    this.#appender.close();
  }

  /** Drops what was not handed over; the rest goes with the transaction's rollback. */
  abandon(): void {
    this.#appender.abandon();
  }

  #finishRow(tag: number, hasUser: boolean, hasBounty: boolean): void {
    const { userValidity, bountyValidity } = this.#buffers;
    const row = this.#rows;
    setInt64(this.#buffers.tag, row, tag);
    const index = row >>> 3;
    const bit = 1 << (row & 7);
    if (hasUser) {
      userValidity[index] = (userValidity[index] ?? 0) | bit;
    }
    if (hasBounty) {
      bountyValidity[index] = (bountyValidity[index] ?? 0) | bit;
    }
    this.#rows = row + 1;
    if (this.#rows === chunkRows) {
      this.#flush();
    }
  }

  #flush(): void {
    if (this.#rows === 0) {
      return;
    }
    this.#appender.append(this.#rows);
    this.#buffers.userValidity.fill(0);
    this.#buffers.bountyValidity.fill(0);
    this.#rows = 0;
  }
}

/** The columns' memory, by the views it is written through; 64-bit columns have two. */
type Buffers = ReturnType<typeof allocate>['buffers'];

function allocate() {
  const int64 = () => new ArrayBuffer(chunkRows * 8);
  const [id, postId, userId, creationDate, tag] = [int64(), int64(), int64(), int64(), int64()];
  const voteTypeId = new ArrayBuffer(chunkRows * 2);
  const bountyAmount = new ArrayBuffer(chunkRows * 4);
  const userValidity = new ArrayBuffer(chunkRows / 8);
  const bountyValidity = new ArrayBuffer(chunkRows / 8);
  const columns: ColumnBuffer[] = [
    { type: 'BIGINT', data: id },
    { type: 'BIGINT', data: postId },
    { type: 'SMALLINT', data: voteTypeId },
    { type: 'BIGINT', data: userId, validity: userValidity },
    { type: 'TIMESTAMP', data: creationDate },
    { type: 'INTEGER', data: bountyAmount, validity: bountyValidity },
    { type: 'BIGINT', data: tag },
  ];
  return {
    columns,
    buffers: {
      id: new Int32Array(id),
      id64: new BigInt64Array(id),
      postId: new Int32Array(postId),
      postId64: new BigInt64Array(postId),
      voteTypeId: new Int16Array(voteTypeId),
      userId: new Int32Array(userId),
      userId64: new BigInt64Array(userId),
      creationDate: new Int32Array(creationDate),
      creationDate64: new BigInt64Array(creationDate),
      bountyAmount: new Int32Array(bountyAmount),
      tag: new Int32Array(tag),
      userValidity: new Uint8Array(userValidity),
      bountyValidity: new Uint8Array(bountyValidity),
    },
  };
}

/** Writes an integer of at most 53 bits as the two halves of a 64-bit one, without a bigint. */
function setInt64(halves: Int32Array, row: number, value: number): void {
  halves[row * 2] = value | 0;
  halves[row * 2 + 1] = Math.floor(value / twoTo32);
}
