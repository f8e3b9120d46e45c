import type { AttemptOutcome } from './attempt-outcome.ts';
import type { StepMinutes } from './dataset-contract.ts';

/**
 * Why a cell, or a whole row, of an answer is in quarantine. Of a cell:
 *
 * - `bad_key`: its name is empty, longer than 200 characters, or has control characters in it.
 * - `not_a_number`: neither a JSON number nor null: `"1,5"`, `true`, an object.
 * - `not_finite`: a number beyond the range of a double, such as 1e400.
 *
 * Of a row, the first that applies:
 *
 * - `not_an_object`: a member of `data` that is none.
 * - `duplicate_key`: the row names a member twice, escapes resolved.
 * - `bad_timestamp`: `dateTimeUtc` is absent, no UTC time stamp, or on no delivery period's start.
 * - `foreign_row`: its delivery period is not of the business day that was asked for.
 * - `conflicting_rows`: another row has the same delivery period and other values.
 */
export const cellQuarantineReasons = [
  'bad_key',
  'not_a_number',
  'not_finite',
  'not_an_object',
  'duplicate_key',
  'bad_timestamp',
  'foreign_row',
  'conflicting_rows',
] as const;

/** A member of {@link cellQuarantineReasons}. */
export type CellQuarantineReason = (typeof cellQuarantineReasons)[number];

/**
 * How an answer differs from its contract without being wrong.
 *
 * - `key_pattern`: a key that does not look like the dataset's keys; it is a series all the same.
 * - `unknown_field`: a member beside `data` that no one knows.
 * - `field_type`: `id` or `lastModifiedOn` is not of its type, and was left out.
 * - `step`: the rows come in another step than expected: `PT15M`, `PT60M`.
 */
export const driftKinds = ['key_pattern', 'unknown_field', 'field_type', 'step'] as const;

/** A member of {@link driftKinds}. */
export type DriftKind = (typeof driftKinds)[number];

/** What a cell of a {@link DayTable} is: the numbers in `states`. */
export const cellStates = { absent: 0, null: 1, value: 2, quarantined: 3 } as const;

/** One delivery period that the answer has a row for. */
export interface DayRow {
  readonly deliveryStartMs: number;
  /** The service's own row id: renewed when a day is published again, and never a key. */
  readonly sourceRowId: bigint | null;
  /** `lastModifiedOn` as written: no zone, up to 6 fractional digits. */
  readonly sourceModifiedAt: string | null;
  /**
   * The whole row is in quarantine (`duplicate_key`, `conflicting_rows`), so it says nothing of any
   * key, those that the table does not have included. All its cells are quarantined.
   */
  readonly isQuarantined: boolean;
}

/** What was put aside, with its place. */
export interface QuarantinedPart {
  /** `failed_check`: it keeps its contract, and a check held it back. */
  readonly reason: CellQuarantineReason | 'failed_check';
  /** The check that held it back. */
  readonly checkId?: string | undefined;
  /** JSON pointer into the answer: `/data/3` a row, `/data/3/border_AT_BE` a cell, empty the whole. */
  readonly pointer: string;
  /** Its JSON text, all of it. */
  readonly raw: string;
  /** `null` for a row, and for a `bad_key`. */
  readonly key: string | null;
  /**
   * `null` where the row does not say one of the day: then it may stand for any period of it, and the
   * answer is not to be believed in what it lacks.
   */
  readonly deliveryStartMs: number | null;
  readonly message: string;
}

/** A difference from the contract; `value` is the key, the member or the step. */
export interface AnswerDrift {
  readonly kind: DriftKind;
  readonly value: string;
}

/** How many cells an answer has, a cell being a member of a row that is none of its fields. */
export interface CellCounts {
  /** As they are written, whatever became of them; an element that is no object counts as one. */
  readonly read: number;
  /** Of rows that were dropped because another has the same delivery period and values. */
  readonly duplicate: number;
  /** In quarantine, alone or with their row. The rest has a value, or null. */
  readonly quarantined: number;
}

/**
 * A business day as its answer gives it, columnar: a day has thousands of cells and is parsed often.
 * Null, absent and 0 are three things.
 */
export interface DayTable {
  /** In order of first sight. */
  readonly keys: readonly string[];
  /** Ascending by `deliveryStartMs`, each once. */
  readonly rows: readonly DayRow[];
  /** Rows × keys, row-major; meaningful where the state is `value`, else 0. */
  readonly values: Float64Array;
  /** Rows × keys, row-major; see {@link cellStates}. */
  readonly states: Uint8Array;
  /** Cells and rows that break the contract, in the answer's order. */
  readonly quarantined: readonly QuarantinedPart[];
  readonly counts: CellCounts;
  /** Step of the answer, in minutes: the contract's, unless it is an assumed one and the rows differ. */
  readonly stepMinutes: StepMinutes;
  /** Delivery periods of that step that the answer has no row for, ascending. */
  readonly missingDeliveryStarts: readonly number[];
  readonly drift: readonly AnswerDrift[];
}

/** Whether an answer has rows, and of none of them can be told that it is of the day that was asked for. */
export function isOfAnotherDay({
  rows,
  quarantined,
}: Pick<DayTable, 'rows' | 'quarantined'>): boolean {
  return rows.length === 0 && quarantined.length > 0;
}

/** The outcomes that a body can be refused with. */
export type BodyRefusal = Extract<
  AttemptOutcome,
  'rejected' | 'empty_body' | 'html' | 'not_json' | 'schema'
>;

/** What the body of an answer is: a day, or nothing that may be stored. */
export type DayAnswer =
  | { readonly kind: 'refused'; readonly outcome: BodyRefusal; readonly message: string }
  | { readonly kind: 'day'; readonly table: DayTable };
