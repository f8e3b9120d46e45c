import type { ColumnName, TableColumns, ValueOf } from './table-shape.ts';

/** How two values are compared. NaN equals itself and is above all; text compares by its bytes. */
export const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const;

/** A member of {@link comparisons}. */
export type Comparison = (typeof comparisons)[number];

/**
 * A condition on one row. It holds or does not, never "unknown": a comparison with null does not
 * hold, and so its `not` does.
 */
export type Condition<Columns extends TableColumns = TableColumns> =
  | { readonly column: ColumnName<Columns>; readonly is: 'null' | 'not_null' }
  | {
      readonly [Name in ColumnName<Columns>]:
        | { readonly column: Name; readonly in: readonly ValueOf<Columns, Name>[] }
        | {
            readonly column: Name;
            readonly compare: Comparison;
            readonly value: ValueOf<Columns, Name>;
          };
    }[ColumnName<Columns>]
  | { readonly all: readonly Condition<Columns>[] }
  | { readonly any: readonly Condition<Columns>[] }
  | { readonly not: Condition<Columns> };
