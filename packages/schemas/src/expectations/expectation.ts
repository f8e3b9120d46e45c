import type { RowExpectation } from './row-expectations.ts';
import type { ColumnName, TableColumns, TableShape } from './table-shape.ts';
import type { TableExpectation } from './table-expectations.ts';

/** Anything that can be expected of a table; plain data. */
export type Expectation<Columns extends TableColumns = TableColumns> =
  RowExpectation<Columns> | TableExpectation<Columns>;

/** The kinds of expectations. */
export type ExpectationKind = Expectation['kind'];

/** A table, and what is expected of it. */
export interface ExpectationSuite<Columns extends TableColumns = TableColumns> {
  /** `votes`, `core/maxExchanges`: what results are kept under. */
  readonly dataset: string;
  readonly shape: TableShape<Columns>;
  readonly expectations: readonly Expectation<Columns>[];
}

/**
 * Ties expectations to the columns of a table: a name that is none of them, or a value of another
 * type, does not compile. Gives the suite for any columns, as it is run.
 */
export function defineSuite<Columns extends TableColumns>(suite: {
  readonly dataset: string;
  readonly shape: {
    readonly columns: Columns;
    readonly key: readonly NoInfer<ColumnName<Columns>>[];
  };
  readonly expectations: readonly Expectation<NoInfer<Columns>>[];
}): ExpectationSuite {
  return suite;
}
