import type { RowKey } from '@sluice/schemas/expectations';

import type { Sql } from '../sql/sql.ts';

/** A row of an answer: every value as text. */
export type TextRow = Readonly<Record<string, string | null>>;

/** What came of a check. */
export interface Finding {
  readonly outcome: 'passed' | 'warned' | 'failed' | 'skipped';
  readonly observed: string | null;
  readonly expected: string;
  readonly value: number | null;
  readonly tested: bigint | null;
  readonly failing: bigint | null;
  /** What failed, where that is no rows: slots, columns, values. */
  readonly failingKeys?: readonly RowKey[];
  /** In addition to what was observed and expected. */
  readonly note?: string;
}

/** How a check is evaluated. */
export interface CheckPlan {
  /** Figures over the relation as `t`, for the scan that all checks share; each one a text. */
  readonly scan: readonly Sql[];
  /** Statements of its own, one after the other; all their columns are texts. */
  readonly queries: Iterable<Sql>;
  /** `from … where …`: the rows that fail, as `t`, each once. */
  readonly failingRows?: Sql;
  /** The same rows, found at less cost by what the queries answered. */
  readonly failingRowsBy?: (answers: readonly (readonly TextRow[])[]) => Sql | undefined;
  /** Lists all that fails, where that is no rows of the relation: for as many as gaps are not. */
  readonly failingList?: { readonly select: Sql; readonly read: (row: TextRow) => RowKey };
  /**
   * The only query counts `failingRows`, and costs as much as listing the first of them: where that
   * list ends before its limit, there is nothing left to count.
   */
  readonly countsFailingRows?: boolean;
  /** Makes a finding of the figures of `scan` and the rows of `queries`, in their order. */
  readonly judge: (
    figures: readonly (string | null)[],
    answers: readonly (readonly TextRow[])[],
  ) => Finding;
}

/** A plan of a check that has nothing to go by. */
export function skip(expected: string, why: string): CheckPlan {
  return {
    scan: [],
    queries: [],
    judge: () => ({
      outcome: 'skipped',
      observed: null,
      expected,
      value: null,
      tested: null,
      failing: null,
      note: why,
    }),
  };
}
