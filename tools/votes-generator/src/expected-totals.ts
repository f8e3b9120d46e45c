import { quarantineReasons } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';

import { createLinePlan } from './line-plan.ts';
import type { LineKind, LinePlan } from './line-plan.ts';
import { resolveVotesOptions } from './votes-options.ts';
import type { ResolvedVotesOptions, VotesOptions } from './votes-options.ts';

/**
 * What a loader has to count for one file, ingested alone into an empty warehouse under
 * `--on-conflict last`. read = accepted + duplicate + conflicting + quarantined.
 */
export interface VotesTotals {
  /** Lines that are not only white space; for XML, the rows. */
  readonly read: number;
  readonly accepted: number;
  /** Equal in all six columns to the vote that has their Id. */
  readonly duplicate: number;
  /** Different from the vote that has their Id. */
  readonly conflicting: number;
  readonly quarantined: number;
  /** Quarantined records by reason; every reason is named. */
  readonly byReason: Readonly<Record<QuarantineReason, number>>;
}

/** How often each kind of line occurs; `repeated` are duplicates and conflicts whose first is not in the file. */
export type LineCounts = Record<LineKind | 'repeated', number>;

/**
 * The totals of the file that `generateVotes` makes of the same options, without making it.
 *
 * Takes time in proportion to the rows, and memory for none of them.
 *
 * @throws {RangeError} for options that are out of their range.
 */
export function expectedTotals(options: VotesOptions): VotesTotals {
  const resolved = resolveVotesOptions(options);
  const plan = createLinePlan(resolved);
  const counts = zeroCounts();
  const { firstRow, rows } = resolved;
  for (let row = firstRow; row < firstRow + rows; row += 1) {
    counts[outcomeOf({ plan, kind: plan.kindOf(row), row, firstRow })] += 1;
  }
  return totalsOf(counts, resolved);
}

/** A count of zero for each kind. */
export function zeroCounts(): LineCounts {
  return { vote: 0, duplicate: 0, conflict: 0, repeated: 0, ...zeroReasons() };
}

/** What a row's line is to a loader: what repeats nothing in this file is new to it. */
export function outcomeOf({
  plan,
  kind,
  row,
  firstRow,
}: {
  readonly plan: LinePlan;
  readonly kind: LineKind;
  readonly row: number;
  readonly firstRow: number;
}): keyof LineCounts {
  const repeats = kind === 'duplicate' || kind === 'conflict';
  return repeats && plan.partnerOf(row) < firstRow ? 'repeated' : kind;
}

/** Sums the counts of a file's rows into its totals. */
export function totalsOf(counts: Readonly<LineCounts>, options: ResolvedVotesOptions): VotesTotals {
  const byReason = zeroReasons();
  for (const reason of quarantineReasons) byReason[reason] = counts[reason];
  if (options.badAtEnd) byReason.not_json += 1;
  return {
    read: options.rows + (options.badAtEnd ? 1 : 0),
    accepted: counts.vote + counts.repeated,
    duplicate: counts.duplicate,
    conflicting: counts.conflict,
    quarantined: Object.values(byReason).reduce((sum, count) => sum + count, 0),
    byReason,
  };
}

function zeroReasons(): Record<QuarantineReason, number> {
  return {
    too_long: 0,
    bad_encoding: 0,
    not_json: 0,
    not_an_object: 0,
    duplicate_key: 0,
    missing_field: 0,
    wrong_type: 0,
    out_of_range: 0,
    bad_timestamp: 0,
  };
}
