import type { Comparison, Condition } from './condition.ts';
import type { RowSeverity } from './severity.ts';
import type { ColumnName, ColumnType, RelationName, TableColumns, ValueOf } from './table-shape.ts';
import type { TimeGrain } from './time-grain.ts';

/**
 * What of a dataset is checked: the whole of it, one batch before it is published (a file, a day's
 * answer), or one slot of its calendar.
 */
export const checkedParts = ['whole', 'batch', 'slot'] as const;

/** A member of {@link checkedParts}. */
export type CheckedPart = (typeof checkedParts)[number];

/** What every expectation has. */
export interface ExpectationBase<Columns extends TableColumns> {
  /** Names the check in history: unique within a dataset, and kept for good. */
  readonly id: string;
  readonly description?: string;
  /** What it is expected of. @default the whole; and where it is about rows, each batch */
  readonly of?: readonly CheckedPart[];
  /** Only rows for which it holds are tested. */
  readonly when?: Condition<Columns>;
}

type RowBase<Columns extends TableColumns> = ExpectationBase<Columns> & RowSeverity;

/** `null`: no row has a value. `not_null`: every row has one; its thresholds are its completeness. */
export type NullExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'not_null' | 'null';
  readonly column: ColumnName<Columns>;
};

/** No value stands for a missing one: -1, `N/A`, the empty text. */
export type SentinelExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'no_sentinel';
} & OfColumn<Columns, 'values'>;

/**
 * What is said of each of the four things that can be with a value that may be missing; `off`: there is
 * no such check.
 */
export type MissingSeverity = RowSeverity | 'count_only' | 'off';

/**
 * A column that only some rows have a value in. It becomes four checks, each with its own severity:
 * `<id>.missing` (null where a value is expected), `<id>.sentinel` (a value that stands for none),
 * `<id>.expected_missing` (null where none is expected) and `<id>.unexpected` (a value where none is).
 */
export type MissingExpectation<Columns extends TableColumns> = ExpectationBase<Columns> & {
  readonly kind: 'missing';
  /** Where a value is expected; absent: in every row. */
  readonly expectedWhen?: Condition<Columns>;
  /** @default the first one is a failure */
  readonly missing?: MissingSeverity;
  /** @default the first one is a warning */
  readonly sentinel?: MissingSeverity;
  /** @default 'count_only' */
  readonly expectedMissing?: MissingSeverity;
  /** @default the first one is a warning */
  readonly unexpected?: MissingSeverity;
} & OfColumn<Columns, 'sentinels'>;

/** Every value is one of `values`, or none is. */
export type SetExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'in_set' | 'not_in_set';
} & OfColumn<Columns, 'values'>;

type OrderedType = Exclude<ColumnType, 'boolean'>;

/** Every value is within the ends that are given. NaN is within none. */
export type RangeExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'range';
} & {
    readonly [Name in ColumnName<Columns, OrderedType>]: {
      readonly column: Name;
      /** At least. */
      readonly min?: ValueOf<Columns, Name>;
      /** At most. */
      readonly max?: ValueOf<Columns, Name>;
      /** More than. */
      readonly above?: ValueOf<Columns, Name>;
      /** Less than. */
      readonly below?: ValueOf<Columns, Name>;
    };
  }[ColumnName<Columns, OrderedType>];

/** The number of characters, as Unicode code points. */
export type LengthExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'length';
  readonly column: ColumnName<Columns, 'text'>;
  readonly min?: number;
  readonly max?: number;
};

/** The whole of each text matches a regular expression of the subset that both engines share. */
export type PatternExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'pattern' | 'not_pattern';
  readonly column: ColumnName<Columns, 'text'>;
  readonly pattern: string;
};

/** SQL's LIKE: `%`, `_`, and a backslash before one that is meant itself. */
export type LikeExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'like' | 'not_like';
  readonly column: ColumnName<Columns, 'text'>;
  readonly pattern: string;
};

/**
 * Forms of a text. Dates and times are real ones of the years 0001 to 9999; `integer` has no leading
 * zero, `decimal` may have an exponent, `uuid` and `hex` may be of either case; `email` is what HTML's
 * input fields take, `url` is of http or https.
 */
export const textForms = [
  'YYYY-MM-DD',
  'YYYYMMDD',
  'DD.MM.YYYY',
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'HH:MM',
  'HH:MM:SS',
  'YYYY-MM-DDTHH:MM:SS',
  'YYYY-MM-DDTHH:MM:SSZ',
  'YYYY-MM-DD HH:MM:SS',
  'integer',
  'decimal',
  'boolean',
  'uuid',
  'hex',
  'email',
  'url',
  'ipv4',
] as const;

/** A member of {@link textForms}. */
export type TextForm = (typeof textForms)[number];

/** Each text can be read as a date of some format, or as another type. */
export type FormExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'form';
  readonly column: ColumnName<Columns, 'text'>;
  readonly form: TextForm;
};

/** Two columns of one row, of one type; a row that lacks either is not tested. */
export type CompareExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'compare';
  readonly compare: Comparison;
} & {
    readonly [Name in ColumnName<Columns>]: {
      readonly column: Name;
      readonly other: ColumnName<Columns, Columns[Name]>;
    };
  }[ColumnName<Columns>];

/** The values of some columns together are one of `tuples`; a row that lacks one is not tested. */
export type TupleSetExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'tuple_in_set';
  readonly columns: readonly ColumnName<Columns>[];
  readonly tuples: readonly (readonly ValueOf<Columns, ColumnName<Columns>>[])[];
};

/** Of these columns, one has a value, or at most or at least one. */
export type ExclusiveExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'filled';
  readonly columns: readonly ColumnName<Columns>[];
  readonly filled: 'exactly_one' | 'at_most_one' | 'at_least_one' | 'all_or_none';
};

/**
 * An expression of SQL that is to be true; where it is null, the row passes. One text must keep to what
 * both engines read alike: columns in double quotes, numbers, texts in single quotes, `and or not is
 * null between in case`, comparisons, `abs coalesce nullif length`, and `+ - *` of integers. Else one for each engine,
 * in which columns are written as `t."Name"`.
 */
export type ExpressionExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'expression';
  readonly sql: string | { readonly duckdb: string; readonly postgres: string };
};

/** No two rows have the same values in these columns together; a row that lacks one is not tested. */
export type UniqueExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'unique';
  readonly columns: readonly ColumnName<Columns>[];
};

/** The values are those of a row in another relation; a row that lacks one is not tested. */
export type ReferenceExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'reference';
  readonly columns: readonly ColumnName<Columns>[];
  readonly references: { readonly relation: RelationName; readonly columns: readonly string[] };
};

/** No two intervals `[from, to)` of one partition overlap, and none ends before it begins. */
export type NoOverlapExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'no_overlap';
  readonly from: ColumnName<Columns, 'integer' | 'date' | 'timestamp' | 'instant'>;
  readonly to: ColumnName<Columns, 'integer' | 'date' | 'timestamp' | 'instant'>;
  readonly partitionBy?: readonly ColumnName<Columns>[];
};

/**
 * The values follow one another: each is more than the one before it, or less, or exactly one step
 * further. What comes before is the value before it, or what the rows have that come before it by other
 * columns; rows that are equal there come together, and the highest of them counts (`descending`: the
 * lowest). A row that lacks one of the columns, or has an infinite time, is not tested. The rows after a
 * hole fail.
 */
export type SequenceExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'sequence';
  /** Each of its values begins a sequence of its own. */
  readonly partitionBy?: readonly ColumnName<Columns>[];
  /** In whose order the values are read. @default that of the values: only holes can be found */
  readonly orderBy?: readonly ColumnName<Columns>[];
  /** @default 'ascending' */
  readonly direction?: 'ascending' | 'descending';
  /** Whether a value may be the same as the one before it; of a step there is no question. @default false */
  readonly mayRepeat?: boolean;
} & (
    | {
        readonly column: ColumnName<Columns, 'integer'>;
        /** From one value to the next one. @default any distance */
        readonly step?: number | bigint;
      }
    | {
        readonly column: ColumnName<Columns, 'date' | 'timestamp' | 'instant'>;
        /** In UTC: a day has 24 hours. @default any distance */
        readonly step?: TimeGrain | { readonly ms: number };
      }
  );

/** What a JSON text can be. */
export const jsonTypes = ['object', 'array', 'string', 'number', 'boolean', 'null'] as const;

/** A member of {@link jsonTypes}. */
export type JsonType = (typeof jsonTypes)[number];

/** One type, or any of several. */
export type JsonTypes = JsonType | readonly JsonType[];

/**
 * Each text is JSON (RFC 8259), with no character that a text can not hold (`\u0000`, half of a surrogate
 * pair) and nested no deeper than so many levels. With members, it is an object in which no name stands
 * twice. Of what is nested deeper nothing can be asked, nor of the items of an array.
 */
export type JsonExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'json';
  readonly column: ColumnName<Columns, 'text'>;
  /** @default any */
  readonly is?: JsonTypes;
  /** Members that are there, by name. */
  readonly required?: Readonly<Record<string, JsonTypes>>;
  /** Members that may be absent, but are of a type where they are there. */
  readonly optional?: Readonly<Record<string, JsonTypes>>;
  /** Arrays and objects within each other, 1 to 64. @default 16 */
  readonly maxDepth?: number;
};

/**
 * No value is further from the median than so many deviations. The deviation is the median absolute one,
 * scaled to a standard deviation; where it is 0, any distance above `minDistance` is too far. NaN, and
 * what is infinite or beyond ±1e290, fails.
 */
export type OutliersExpectation<Columns extends TableColumns> = RowBase<Columns> & {
  readonly kind: 'no_outliers';
  readonly column: ColumnName<Columns, 'integer' | 'double'>;
  /** Each of its values has a median of its own. */
  readonly partitionBy?: readonly ColumnName<Columns>[];
  /** Above 0, at most 1,000. */
  readonly deviations: number;
  /** What is nearer is no outlier. In the column's unit. @default 0 */
  readonly minDistance?: number;
};

/** An expectation that each row meets or does not: those that do not can be listed by their keys. */
export type RowExpectation<Columns extends TableColumns = TableColumns> =
  | NullExpectation<Columns>
  | SentinelExpectation<Columns>
  | MissingExpectation<Columns>
  | SetExpectation<Columns>
  | RangeExpectation<Columns>
  | LengthExpectation<Columns>
  | PatternExpectation<Columns>
  | LikeExpectation<Columns>
  | FormExpectation<Columns>
  | CompareExpectation<Columns>
  | TupleSetExpectation<Columns>
  | ExclusiveExpectation<Columns>
  | ExpressionExpectation<Columns>
  | UniqueExpectation<Columns>
  | ReferenceExpectation<Columns>
  | NoOverlapExpectation<Columns>
  | SequenceExpectation<Columns>
  | JsonExpectation<Columns>
  | OutliersExpectation<Columns>;

type OfColumn<Columns extends TableColumns, Member extends 'values' | 'sentinels'> = {
  readonly [Name in ColumnName<Columns>]: {
    readonly column: Name;
  } & Readonly<Record<Member, readonly ValueOf<Columns, Name>[]>>;
}[ColumnName<Columns>];
