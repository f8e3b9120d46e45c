import { z } from 'zod';

const maxInt64 = 2n ** 63n - 1n;

/** One field of a dataset's records, as validation, DDL and docs read it. */
export type ContractField = IntegerField | TimestampField;

/** An integer field, given as a JSON integer or as a string of one. */
export interface IntegerField {
  readonly name: string;
  readonly kind: 'integer';
  readonly required: boolean;
  /** Smallest regular value. */
  readonly min: bigint;
  /** Largest value. */
  readonly max: bigint;
  /** One value below `min` that is allowed and means something of its own. */
  readonly sentinel?: bigint;
  readonly sqlType: 'BIGINT' | 'INTEGER' | 'SMALLINT';
  readonly comment: string;
}

/** A required time stamp, stored in UTC with microseconds. */
export interface TimestampField {
  readonly name: string;
  readonly kind: 'timestamp';
  readonly required: true;
  readonly sqlType: 'TIMESTAMP';
  readonly comment: string;
}

/**
 * The fields of a vote, in the order of the table's columns, which is also the order in which a
 * record is checked: the first field that breaks its rule gives the reason.
 *
 * Source: the public Stack Exchange data dump, `Votes.xml`.
 */
export const voteFields = [
  {
    name: 'Id',
    kind: 'integer',
    required: true,
    min: 1n,
    max: maxInt64,
    sqlType: 'BIGINT',
    comment: 'Identifies the vote; unique, always.',
  },
  {
    name: 'PostId',
    kind: 'integer',
    required: true,
    min: 1n,
    max: maxInt64,
    sqlType: 'BIGINT',
    comment: 'The post that was voted on.',
  },
  {
    name: 'VoteTypeId',
    kind: 'integer',
    required: true,
    min: 1n,
    max: 32_767n,
    sqlType: 'SMALLINT',
    comment: 'What kind of vote; named in blog_analysis.vote_types, where it is a known one.',
  },
  {
    name: 'UserId',
    kind: 'integer',
    required: false,
    min: 1n,
    max: maxInt64,
    sentinel: -1n,
    sqlType: 'BIGINT',
    comment:
      'Who voted; published for types 5 and 8 only, null for all others. -1 is a deleted user.',
  },
  {
    name: 'CreationDate',
    kind: 'timestamp',
    required: true,
    sqlType: 'TIMESTAMP',
    comment: 'When the vote was cast, UTC. The public dump gives the day only: midnight.',
  },
  {
    name: 'BountyAmount',
    kind: 'integer',
    required: false,
    min: 0n,
    max: 2n ** 31n - 1n,
    sqlType: 'INTEGER',
    comment: 'Reputation offered or paid, in points; types 8 and 9 only, null for all others.',
  },
] as const satisfies readonly ContractField[];

/**
 * One vote, parsed. `CreationDate` is in microseconds since 1970-01-01 UTC; an absent field is
 * null.
 */
export const voteSchema = z.strictObject({
  Id: z.bigint().min(1n).max(maxInt64),
  PostId: z.bigint().min(1n).max(maxInt64),
  VoteTypeId: z.int().min(1).max(32_767),
  UserId: z.union([z.literal(-1n), z.bigint().min(1n).max(maxInt64)]).nullable(),
  CreationDate: z.bigint(),
  BountyAmount: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullable(),
});

/** One vote, parsed; see {@link voteSchema}. */
export type Vote = z.infer<typeof voteSchema>;

/** The vote types the source documents; others exist, are kept, and are warned about. */
export const voteTypes: ReadonlyMap<number, string> = new Map([
  [1, 'AcceptedByOriginator'],
  [2, 'UpMod'],
  [3, 'DownMod'],
  [4, 'Offensive'],
  [5, 'Favorite'],
  [6, 'Close'],
  [7, 'Reopen'],
  [8, 'BountyStart'],
  [9, 'BountyClose'],
  [10, 'Deletion'],
  [11, 'Undeletion'],
  [12, 'Spam'],
  [15, 'ModeratorReview'],
  [16, 'ApproveEditSuggestion'],
]);

/** The contract of the dataset `votes`. */
export const voteContract = {
  dataset: 'votes',
  /** Rises whenever a record that was refused could now be accepted, or the other way round. */
  version: '1',
  key: ['Id'],
  timeField: 'CreationDate',
  owner: 'data-platform',
  fields: voteFields,
} as const;

/** A line over this many bytes, its line end not counted, is `too_long`. */
export const maxLineBytes = 1024 * 1024;

/** How much of a line that is too long is kept in quarantine, in bytes. */
export const keptBytesOfLongLine = 64 * 1024;
