import type { Condition } from './condition.ts';
import type { ExpectationBase } from './row-expectations.ts';
import type { BoundsSeverity, CheckAction, Threshold, Tolerance } from './severity.ts';
import type { ColumnName, RelationName, TableColumns, TableShape, ValueOf } from './table-shape.ts';
import type { TimeGrain } from './time-grain.ts';

/**
 * One figure about the rows that are tested. Counts, ratios, and sums and means of integers are exact.
 * Of doubles, `sum`, `mean` and `stdev` may differ between engines in their last digits, and are NaN
 * where a value is NaN, infinite, or beyond 1e290 (of `stdev`, 1e150). `median` and `quantile` are the lowest value that so many of the
 * values do not exceed: always a value that is there.
 */
export type Measure<Columns extends TableColumns = TableColumns> =
  | { readonly of: 'row_count' }
  | {
      readonly of: 'min' | 'max' | 'median';
      readonly column: ColumnName<Columns, 'integer' | 'double' | 'date' | 'timestamp' | 'instant'>;
    }
  | {
      readonly of: 'quantile';
      readonly column: ColumnName<Columns, 'integer' | 'double' | 'date' | 'timestamp' | 'instant'>;
      /** Above 0, at most 1. */
      readonly fraction: number;
    }
  | {
      readonly of: 'sum' | 'mean' | 'stdev';
      readonly column: ColumnName<Columns, 'integer' | 'double'>;
    }
  | {
      /** `distinct_ratio` and `completeness` are 0 to 1, `entropy` is in bits. */
      readonly of: 'distinct_count' | 'distinct_ratio' | 'completeness' | 'entropy';
      readonly column: ColumnName<Columns>;
    };

/** A measure within bounds. Bounds of a date or time are texts, as its values are. */
export type AggregateExpectation<Columns extends TableColumns> = ExpectationBase<Columns> &
  BoundsSeverity<number | bigint | string> & {
    readonly kind: 'aggregate';
    readonly measure: Measure<Columns>;
  };

/** The number of rows within bounds. */
export type RowCountExpectation<Columns extends TableColumns> = ExpectationBase<Columns> &
  BoundsSeverity & { readonly kind: 'row_count' };

/** The values that occur are exactly `values` (`set_equals`), or all of them do (`set_contains`). */
export type WholeSetExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'set_equals' | 'set_contains';
  /** What a difference is. @default 'error' */
  readonly level?: 'warn' | 'error';
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
} & {
    readonly [Name in ColumnName<Columns>]: {
      readonly column: Name;
      readonly values: readonly ValueOf<Columns, Name>[];
    };
  }[ColumnName<Columns>];

/** A measure here is the same as one elsewhere, or not further from it than tolerated. */
export type ReconcileExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'reconcile';
  readonly measure: Measure<Columns>;
  readonly other: {
    readonly relation: RelationName;
    readonly shape: TableShape;
    readonly measure: Measure;
    readonly when?: Condition;
  };
  readonly warn?: Tolerance;
  /** @default without either: not apart at all */
  readonly error?: Tolerance;
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
};

/**
 * The newest value is not older than allowed: than what the calendar says is due by now, or than a
 * fixed age. Skipped while no calendar is configured.
 */
export type FreshnessExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'freshness';
  readonly column: ColumnName<Columns, 'date' | 'timestamp' | 'instant'>;
  readonly warn?: Lateness;
  /** @default without either: the calendar's deadline */
  readonly error?: Lateness;
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
};

/** `deadline` is the calendar's, later by so much; `maxAgeMs` is before now. */
export type Lateness =
  { readonly deadline: { readonly graceMs: number } } | { readonly maxAgeMs: number };

/**
 * Every slot that is expected has a row: those of the calendar that are due by now, or those that
 * another relation lists. The slots never come from the data, whose missing end would go unseen.
 * With a calendar, skipped while none is configured.
 */
export type GapsExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'gaps';
  readonly warn?: { readonly count: number };
  /** @default without either: no slot may be missing */
  readonly error?: { readonly count: number };
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
} & (
    | {
        readonly expected: 'calendar';
        readonly column: ColumnName<Columns, 'date' | 'timestamp' | 'instant'>;
        /** Cuts the values to the beginnings of slots. @default the values are beginnings */
        readonly grain?: TimeGrain;
      }
    | {
        readonly expected: {
          readonly relation: RelationName;
          /** Its columns, in the order of `columns`. */
          readonly columns: readonly string[];
        };
        readonly columns: readonly ColumnName<Columns>[];
      }
  );

/** What a difference from the declared columns means. */
export type DriftLevel = 'error' | 'warn' | 'allowed';

/** The relation has the declared columns with their types. Types that nobody knows only warn. */
export type SchemaExpectation<Columns extends TableColumns> = Omit<
  ExpectationBase<Columns>,
  'when'
> & {
  readonly kind: 'schema';
  /** A declared column that is not there, or has another type. @default 'error' */
  readonly missing?: DriftLevel;
  /** A column that was not declared. @default 'warn' */
  readonly additional?: DriftLevel;
  /** The declared columns stand in another order. @default 'allowed' */
  readonly order?: DriftLevel;
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
};

/**
 * How often each value occurs, against a baseline. `chi_squared` is Pearson's statistic, which grows
 * with the number of rows; `cramers_v` (0 to 1) and `total_variation` (0 to 1: the share of rows that
 * would have to change) do not. A value that the baseline lacks only warns, and is left out.
 */
export type CategoriesExpectation<Columns extends TableColumns> = ExpectationBase<Columns> &
  BoundsSeverity & {
    readonly kind: 'categories';
    readonly statistic: 'chi_squared' | 'cramers_v' | 'total_variation';
  } & {
    readonly [Name in ColumnName<Columns>]: {
      readonly column: Name;
      /** Weights in any unit: shares, or the counts of a reference period. */
      readonly baseline: readonly {
        readonly value: ValueOf<Columns, Name>;
        readonly weight: number;
      }[];
    };
  }[ColumnName<Columns>];

/**
 * How values are spread, against a baseline of quantiles: the largest distance (0 to 1) between the
 * two distribution functions at the baseline's values, as in Kolmogorov and Smirnov's test.
 */
export type SpreadExpectation<Columns extends TableColumns> = ExpectationBase<Columns> &
  BoundsSeverity & {
    readonly kind: 'spread';
    readonly column: ColumnName<Columns, 'integer' | 'double'>;
    /** Which share of the values is at most `value`; ascending in both. */
    readonly baseline: readonly { readonly value: number; readonly share: number }[];
  };

/**
 * A measure is not far from what it was: further than so many deviations from the median of its
 * history, and by more than a minimum. The deviation is the median absolute one, scaled to a standard
 * deviation. The tested point is no part of its own history. Skipped while no calendar is configured,
 * or history is short.
 */
export type AnomalyExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'anomaly';
  readonly measure: Measure<Columns>;
  readonly warn?: { readonly deviations: number };
  readonly error?: { readonly deviations: number };
  /** A change of less is none, however steady the history. In the measure's unit. */
  readonly minAbsoluteChange: number;
  /** Nor is a change of less than so many percent of the median. @default 0 */
  readonly minPercentChange?: number;
  /** Compare with the same weekday, or the same day of the month, only. @default 'none' */
  readonly seasonality?: 'none' | 'weekday' | 'day_of_month';
  /** @default 'both' */
  readonly direction?: 'both' | 'drop' | 'rise';
  /** @default 7 */
  readonly minHistory?: number;
  /** Older points are left out. @default 90 */
  readonly maxHistory?: number;
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
};

/**
 * Another relation has the same rows. What is tested are keys, those that either has; one fails where its
 * rows are not the same here and there, each as often, in the columns that are compared. Nulls are equal.
 * The condition is one for both sides; the scope of a run narrows this side only. A failing key says what
 * is the matter (`missing_there`, `missing_here`, `different`) and, where one row of it differs on either
 * side, in which columns.
 */
export type SameRowsExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'same_rows';
  readonly other: {
    readonly relation: RelationName;
    /** Names of columns there, where they differ from those here. */
    readonly names?: { readonly [Name in ColumnName<Columns>]?: string };
  };
  /** @default the key of the shape */
  readonly key?: readonly ColumnName<Columns>[];
  /** What is compared besides the key. @default all columns that are declared */
  readonly columns?: readonly ColumnName<Columns>[];
  readonly warn?: Threshold;
  /** @default without either: no key may fail */
  readonly error?: Threshold;
  /** @default 'warn' */
  readonly action?: Exclude<CheckAction, 'quarantine'>;
};

/** An expectation about a table as a whole. */
export type TableExpectation<Columns extends TableColumns = TableColumns> =
  | AggregateExpectation<Columns>
  | RowCountExpectation<Columns>
  | WholeSetExpectation<Columns>
  | ReconcileExpectation<Columns>
  | SameRowsExpectation<Columns>
  | FreshnessExpectation<Columns>
  | GapsExpectation<Columns>
  | SchemaExpectation<Columns>
  | CategoriesExpectation<Columns>
  | SpreadExpectation<Columns>
  | AnomalyExpectation<Columns>;
