import type { ColumnProfile, Expectation, TableProfile } from '@sluice/schemas/expectations';

import { nounFor } from '../noun-for.ts';

/** An expectation that a profile brings to mind, before the rows are asked whether they meet it. */
export interface Candidate {
  /** Of rows, without thresholds: what the rows say decides on them. */
  readonly expectation: Expectation;
  /** What in the profile it comes from, in words with numbers. */
  readonly reason: string;
  /** It is worth saying however many rows do not meet it: what is counted is the exception. */
  readonly holdsAnyway?: boolean;
}

/**
 * Of fewer rows nobody knows what their ends are, nor that a value is in one row each: a value of some
 * thousand would be, by chance.
 */
export const leastRows = 1_000;

/** A distribution that changed by more from the older half of the rows to the newer one is not a steady one. */
export const mostChange = 0.25;

/** How far the distribution of numbers in the older half of the rows is from that in the newer one: 0 to 1. */
export function changeOf({
  rows,
  olderRows: older,
  points,
}: Pick<TableProfile['spreads'][number], 'rows' | 'olderRows' | 'points'>): number {
  const newer = rows - older;
  return older === 0 || newer === 0
    ? 0
    : Math.max(
        0,
        ...points.map((point) =>
          Math.abs(point.olderRows / older - (point.rows - point.olderRows) / newer),
        ),
      );
}

/** A profile, and by what ids of new expectations begin. */
export interface ProfileToRead {
  readonly profile: TableProfile;
  readonly idPrefix: string;
  /** The rows were chosen of more, by days for instance: how many there are says nothing. @default false */
  readonly isPart?: boolean;
}

/** A whole number with commas. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+(?!\d))/g, ',');
}

/** A whole number with commas, and what there are so many of: `1 row`, `2,000 rows`. */
export function groupedOf(count: number, one: string): string {
  return `${grouped(count)} ${nounFor(count, one)}`;
}

/** An id from names: `votes.user_id.known`. */
export function idOf(prefix: string, names: readonly string[], what: string): string {
  const words = names.map((name) =>
    name
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .toLowerCase(),
  );
  return [prefix, ...words.filter((word) => word !== ''), what].join('.');
}

/** Makes a candidate; its parts are of the columns of the profile, which no compiler has seen. */
export function candidate(
  declaration: { readonly id: string; readonly kind: Expectation['kind'] } & Readonly<
    Record<string, unknown>
  >,
  reason: string,
  options: Pick<Candidate, 'holdsAnyway'> = {},
): Candidate {
  // Columns and values come from the profile of the very shape that the suite has.
  return { expectation: declaration as unknown as Expectation, reason, ...options };
}

/** A value as a person reads it. */
export function shown(value: ColumnProfile['min']): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
