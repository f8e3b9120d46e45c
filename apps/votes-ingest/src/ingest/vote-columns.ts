import type { ColumnBuffer, ColumnBufferType } from '@sluice/warehouse';

/** Rows that the memory of a batch has room for: whole chunks of DuckDB, few enough for the caches. */
export const batchRows = 8_192;

const int64Bytes = batchRows * 8;
const int32Bytes = batchRows * 4;
const int16Bytes = batchRows * 2;
const bitBytes = batchRows / 8;

/** Where each column begins; the widest come first, so that each lies on a multiple of its width. */
const offsets = {
  id: 0,
  postId: int64Bytes,
  userId: 2 * int64Bytes,
  creationDate: 3 * int64Bytes,
  tag: 4 * int64Bytes,
  bountyAmount: 5 * int64Bytes,
  voteTypeId: 5 * int64Bytes + int32Bytes,
  userValidity: 5 * int64Bytes + int32Bytes + int16Bytes,
  bountyValidity: 5 * int64Bytes + int32Bytes + int16Bytes + bitBytes,
} as const;
const batchBytes = offsets.bountyValidity + bitBytes;

/** The types of the columns, in the order of the table's: those of a vote, and the tag. */
export const voteColumnTypes: readonly ColumnBufferType[] = [
  'BIGINT',
  'BIGINT',
  'SMALLINT',
  'BIGINT',
  'TIMESTAMP',
  'INTEGER',
  'BIGINT',
];

/** The columns by the views they are written through; 64-bit columns have two. */
export type VoteColumns = ReturnType<typeof viewsOf>;

/** Votes that were written into one piece of memory, which another thread can be given. */
export interface FilledBatch {
  /** Of {@link allocateBatch}. */
  readonly memory: ArrayBuffer;
  readonly rows: number;
}

/** Memory for {@link batchRows} votes, all of them without user and bounty. */
export function allocateBatch(): ArrayBuffer {
  return new ArrayBuffer(batchBytes);
}

/** The memory of a batch, to be written. */
export function viewsOf(memory: ArrayBuffer) {
  return {
    id: new Int32Array(memory, offsets.id, 2 * batchRows),
    id64: new BigInt64Array(memory, offsets.id, batchRows),
    postId: new Int32Array(memory, offsets.postId, 2 * batchRows),
    postId64: new BigInt64Array(memory, offsets.postId, batchRows),
    voteTypeId: new Int16Array(memory, offsets.voteTypeId, batchRows),
    userId: new Int32Array(memory, offsets.userId, 2 * batchRows),
    userId64: new BigInt64Array(memory, offsets.userId, batchRows),
    creationDate: new Int32Array(memory, offsets.creationDate, 2 * batchRows),
    creationDate64: new BigInt64Array(memory, offsets.creationDate, batchRows),
    bountyAmount: new Int32Array(memory, offsets.bountyAmount, batchRows),
    tag: new Int32Array(memory, offsets.tag, 2 * batchRows),
    userValidity: new Uint8Array(memory, offsets.userValidity, bitBytes),
    bountyValidity: new Uint8Array(memory, offsets.bountyValidity, bitBytes),
  };
}

/** The memory of a batch, to be appended. */
export function columnBuffersOf(memory: ArrayBuffer): ColumnBuffer[] {
  const int64 = (offset: number) => new Uint8Array(memory, offset, int64Bytes);
  const bits = (offset: number) => new Uint8Array(memory, offset, bitBytes);
  return [
    { type: 'BIGINT', data: int64(offsets.id) },
    { type: 'BIGINT', data: int64(offsets.postId) },
    { type: 'SMALLINT', data: new Uint8Array(memory, offsets.voteTypeId, int16Bytes) },
    { type: 'BIGINT', data: int64(offsets.userId), validity: bits(offsets.userValidity) },
    { type: 'TIMESTAMP', data: int64(offsets.creationDate) },
    {
      type: 'INTEGER',
      data: new Uint8Array(memory, offsets.bountyAmount, int32Bytes),
      validity: bits(offsets.bountyValidity),
    },
    { type: 'BIGINT', data: int64(offsets.tag) },
  ];
}
