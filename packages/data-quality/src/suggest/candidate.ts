import type { ColumnProfile, Expectation, TableProfile } from '@sluice/schemas/expectations';

/** An expectation that a profile brings to mind, before the rows are asked whether they meet it. */
export interface Candidate {
  /** Of rows, without thresholds: what the rows say decides on them. */
  readonly expectation: Expectation;
  /** What in the profile it comes from, in words with numbers. */
  readonly reason: string;
  /** It is worth saying however many rows do not meet it: what is counted is the exception. */
  readonly holdsAnyway?: boolean;
}

/** A profile, and by what ids of new expectations begin. */
export interface ProfileToRead {
  readonly profile: TableProfile;
  readonly idPrefix: string;
}

/** A whole number with commas. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+(?!\d))/g, ',');
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
