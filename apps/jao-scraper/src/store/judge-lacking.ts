import { createHash } from 'node:crypto';

import type { LackingCell } from './diff-day.ts';

/** How long after a doubtful answer a second one may confirm it. */
export const confirmedAfterMs = 5 * 60_000;

/** Cells that an earlier answer lacked, and that were not withdrawn on its word alone. */
export interface Doubt {
  /** Identifies the set of cells. */
  readonly hash: Buffer;
  readonly sinceMs: number;
}

/** What becomes of the cells that an answer lacks. */
export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'defer'; readonly doubt: Doubt };

/**
 * Decides on cells that are stored and that an answer lacks. A complete answer withdraws them. One
 * that lacks whole delivery periods, or everything, may be half published: it withdraws nothing
 * until another, at least five minutes later, lacks the same cells.
 */
export function judgeLacking(
  lacking: readonly LackingCell[],
  options: {
    /** Whether the answer has every delivery period that the calendar expects. */
    readonly isWhole: boolean;
    readonly doubt: Doubt | undefined;
    readonly nowMs: number;
  },
): Verdict {
  if (lacking.length === 0) {
    return { kind: 'none' };
  }
  if (options.isWhole && lacking.every((cell) => cell.hasRow)) {
    return { kind: 'withdraw' };
  }
  const hash = hashCells(lacking);
  const { doubt, nowMs } = options;
  if (doubt === undefined || !doubt.hash.equals(hash)) {
    return { kind: 'defer', doubt: { hash, sinceMs: nowMs } };
  }
  return nowMs - doubt.sinceMs >= confirmedAfterMs
    ? { kind: 'withdraw' }
    : { kind: 'defer', doubt };
}

/** Identifies a set of cells, which are in order of key and delivery start. */
export function hashCells(cells: readonly Pick<LackingCell, 'key' | 'deliveryStartMs'>[]): Buffer {
  const hash = createHash('sha256');
  for (const { key, deliveryStartMs } of cells) {
    hash.update(`${key}\n${String(deliveryStartMs)}\n`);
  }
  return hash.digest();
}
