import type { BusinessDay } from './business-day.ts';

/**
 * What a later publication of a day does:
 * `value` other values · `null` nulls · `withdraw_key` keys are missing · `withdraw_row` rows are missing ·
 * `return` everything as at first · `republish` equal values under new row ids · `add_key` keys that the day
 * did not have.
 */
export const revisionKinds = [
  'value',
  'null',
  'withdraw_key',
  'withdraw_row',
  'return',
  'republish',
  'add_key',
] as const;

export type RevisionKind = (typeof revisionKinds)[number];

/** Which cells a revision touches, and how. */
export interface Revision {
  readonly kind: RevisionKind;
  /** @default all keys of the day; required by `add_key`. */
  readonly keys?: readonly string[] | undefined;
  /** Where the touched delivery periods start, UTC epoch milliseconds. @default all of the day */
  readonly deliveryStartsMs?: readonly number[] | undefined;
  /** With `value` and `add_key`: this value. @default values from the seed, each another than before */
  readonly value?: number | undefined;
}

/** One publication of one day of one dataset. */
export interface Publication extends Omit<Revision, 'kind'> {
  readonly dataset: string;
  readonly businessDay: BusinessDay;
  readonly kind: 'initial' | RevisionKind;
  readonly origin: 'calendar' | 'random' | 'script';
  /** When the service shows it, by the simulator's clock. */
  readonly atMs: number;
  /** Unique within the day and never reused: it seeds the values and the row ids. */
  readonly version: number;
}
