import { quarantineReasons } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';

import { deriveKey, hashLimit, hashRow, stepHash } from './row-hash.ts';
import type { ResolvedVotesOptions } from './votes-options.ts';

/** Rows are paired inside blocks of at most this many bits: 131,072 rows, more than a DuckDB row group of 122,880. */
const maxBlockBits = 17;

/** What a row's line holds: its own vote, an earlier one again, or no acceptable record. */
export type LineKind = 'vote' | 'duplicate' | 'conflict' | QuarantineReason;

/**
 * What each row's line holds, decided by the seed and the row alone.
 *
 * Invariant: each row has one partner, whose partner it is. The later row of a pair may repeat the
 * earlier, which then is a plain vote; so nothing is repeated twice, and the totals of any part of a
 * stream, in any order, are sums over its rows.
 */
export interface LinePlan {
  readonly kindOf: (row: number) => LineKind;
  /** The row that a `duplicate` or a `conflict` repeats: an earlier one, by 1 to 131,071 rows. */
  readonly partnerOf: (row: number) => number;
  readonly hasBlankLineBefore: (row: number) => boolean;
}

/** Decides the lines of a stream. */
export function createLinePlan(options: ResolvedVotesOptions): LinePlan {
  const { seed, duplicates, conflicts } = options;
  const distanceKey = deriveKey(seed, 'distance');
  const partnerOf = (row: number) => findPartner(row, distanceKey);
  // One row in two is the later one of its pair, hence twice the share of the pairs.
  const duplicateLimit = hashLimit(2 * duplicates);
  const repeatLimit = hashLimit(2 * (duplicates + conflicts));
  const pairKey = deriveKey(seed, 'pair');
  const faultOf = createFaultOf(options);
  const blankKey = deriveKey(seed, 'blankLine');
  const blankLimit = hashLimit(options.blankLines);

  return {
    partnerOf,
    kindOf: (row) => {
      if (repeatLimit === 0) return faultOf(row);
      const partner = partnerOf(row);
      const pairHash = hashRow(pairKey, Math.min(row, partner));
      if (partner === row || pairHash >= repeatLimit) return faultOf(row);
      if (partner > row) return 'vote';
      return pairHash < duplicateLimit ? 'duplicate' : 'conflict';
    },
    hasBlankLineBefore: (row) => blankLimit > 0 && hashRow(blankKey, row) < blankLimit,
  };
}

function createFaultOf(options: ResolvedVotesOptions): (row: number) => LineKind {
  const { seed, duplicates, conflicts, badLines } = options;
  const key = deriveKey(seed, 'fault');
  // Bad lines are chosen among the rows that no pair has taken.
  const free = 1 - 2 * (duplicates + conflicts);
  let share = 0;
  const faults = quarantineReasons
    .filter((reason) => (badLines[reason] ?? 0) > 0)
    .map((reason) => {
      share += badLines[reason] ?? 0;
      return { reason, limit: hashLimit(share / free) };
    });
  const faultLimit = faults.at(-1)?.limit ?? 0;
  if (faultLimit === 0) return () => 'vote';
  return (row) => {
    const hash = hashRow(key, row);
    if (hash >= faultLimit) return 'vote';
    return faults.find(({ limit }) => hash < limit)?.reason ?? 'vote';
  };
}

/**
 * Pairs a row by flipping bits of its number inside a block of 2^n rows: flipping them again leads
 * back. Which bits is the block's own choice, so that distances are of every order of magnitude. A
 * block is a quarter of the rows from one power of two to the next: near a file's start, pairs are close.
 */
function findPartner(row: number, key: number): number {
  const rowBits = row < 2 ** 31 ? 31 - Math.clz32(row) : 31;
  const blockBits = Math.min(maxBlockBits, rowBits - 2);
  if (blockBits < 1) return row;
  const blockRows = 2 ** blockBits;
  const start = Math.floor(row / blockRows) * blockRows;
  const hash = hashRow(key, start);
  const topBit = 1 << (hash % blockBits);
  const flipped = topBit | (stepHash(hash, 1) & (topBit - 1));
  return start + ((row - start) ^ flipped);
}
