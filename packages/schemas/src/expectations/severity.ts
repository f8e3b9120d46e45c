/**
 * What the caller does with a check that failed: `warn` nothing but say so, `quarantine` the rows
 * that fail, `refuse` the whole batch, also where the check can not be evaluated.
 */
export const checkActions = ['warn', 'quarantine', 'refuse'] as const;

/** A member of {@link checkActions}. */
export type CheckAction = (typeof checkActions)[number];

/**
 * How a check ended: `passed` · `warned` above its warn threshold only · `failed` above its error
 * threshold · `error` it could not be evaluated · `skipped` it has nothing to go by yet.
 */
export const checkOutcomes = ['passed', 'warned', 'failed', 'error', 'skipped'] as const;

/** A member of {@link checkOutcomes}. */
export type CheckOutcome = (typeof checkOutcomes)[number];

/**
 * How many failing rows are too many: **more than** so many, or more than so many percent of the
 * rows that were tested. Percentages are taken as they are written, in decimal, and compared without
 * rounding.
 */
export type Threshold = { readonly count: number | bigint } | { readonly percent: number };

/**
 * When failing rows are a warning, when they are a failure, and what follows from it.
 * Without either threshold the first failing row is a failure.
 */
export interface RowSeverity {
  readonly warn?: Threshold;
  readonly error?: Threshold;
  /** @default 'warn' */
  readonly action?: CheckAction;
}

/** An interval that contains its ends; an absent end is open. */
export interface Bounds<Value = number | bigint> {
  readonly min?: Value;
  readonly max?: Value;
}

/** Between what bounds a measure is to be; outside of `warn` is a warning, of `error` a failure. */
export interface BoundsSeverity<Value = number | bigint> {
  readonly warn?: Bounds<Value>;
  readonly error?: Bounds<Value>;
  /** `quarantine` has no rows to take here. @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
}

/** How far two measures may be apart: in their unit, or in percent of the other one. */
export type Tolerance = { readonly absolute: number | bigint } | { readonly percent: number };
