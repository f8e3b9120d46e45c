import type { RowExpectation } from '@sluice/schemas/expectations';

import { nounFor } from '../noun-for.ts';
import { allOf, join, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, Finding } from './check-plan.ts';
import { compileWhen } from './compile-condition.ts';
import { checkThresholds, describeThresholds, judgeRows } from './judge-severity.ts';

/** An expectation about rows that is one check: `missing` has been taken apart. */
export type RowCheck = Exclude<RowExpectation, { kind: 'missing' }>;

/** A check that looks at one row at a time. */
interface PredicateParts {
  /** Of which columns a row needs a value to be tested. */
  readonly needs: readonly string[];
  /** True for rows that fail; where a needed column is null it may be anything. */
  readonly fails: Sql;
  /** `fails` is never true where a needed column is null. */
  readonly isStrict?: boolean;
}

/** A plan by a predicate: a figure of the shared scan, or a scan of its own where that is cheaper. */
export function predicatePlan(
  context: CheckContext,
  expectation: RowCheck,
  { needs, fails, isStrict = false }: PredicateParts,
): CheckPlan {
  checkThresholds(expectation);
  const when = compileWhen(context, expectation.when);
  const filled = isStrict ? [] : needs.map((column) => context.isNotNull(column));
  const failing = allOf([when, ...filled, fails]);
  const failingRows = sql`${context.from}${where(failing)}`;
  if (context.dialect.countsApart) {
    return when === undefined
      ? { ...setPlan(context, expectation, { needs, failingRows }), countsFailingRows: true }
      : conditionalPlan(context, expectation, { needs, when, fails: allOf([...filled, fails]) });
  }
  return {
    scan: [countTested(context, needs, when), countWhere(context, failing)],
    queries: [],
    failingRows,
    judge: ([tested, failed]) => judgeCounts(expectation, tested, failed),
  };
}

/** Where a condition chooses rows, they are chosen once, and both figures taken of them. */
function conditionalPlan(
  context: CheckContext,
  expectation: RowCheck,
  parts: { readonly needs: readonly string[]; readonly when: Sql; readonly fails: Sql | undefined },
): CheckPlan {
  const { needs, when, fails } = parts;
  const tested = countTested(context, needs, undefined);
  return {
    scan: [],
    queries: [
      sql`select ${tested} as tested, ${countWhere(context, fails)} as failing${context.from}${where(when)}`,
    ],
    failingRows: sql`${context.from}${where(when, fails)}`,
    judge: (_, [rows]) => judgeCounts(expectation, rows?.[0]?.['tested'], rows?.[0]?.['failing']),
  };
}

/** A plan of a check that has to see several rows, or another relation, at once. */
export function setPlan(
  context: CheckContext,
  expectation: RowCheck,
  {
    needs,
    isTested,
    failingRows,
  }: {
    readonly needs: readonly string[];
    /** What a row has to meet to be tested, besides. */
    readonly isTested?: Sql | undefined;
    readonly failingRows: Sql;
  },
): CheckPlan {
  checkThresholds(expectation);
  const when = allOf([compileWhen(context, expectation.when), isTested]);
  return {
    scan: [countTested(context, needs, when)],
    queries: [sql`select count(*)::text as failing${failingRows}`],
    failingRows,
    judge: ([tested], [rows]) => judgeCounts(expectation, tested, rows?.[0]?.['failing']),
  };
}

/** What windows are computed over: some columns of `t`, and all of the row, for {@link rowsOnly}. */
export function withWholeRow(context: CheckContext, columns: readonly string[]): Sql {
  const listed = [...new Set(columns)].map((name) => context.plainColumn(name));
  const row = context.dialect.packRow(context.relation);
  return sql`${row} as ${context.ownName('row')}, ${join(listed, ', ')}`;
}

/** Rows of what {@link withWholeRow} began, as they are in the relation: without what was computed. */
export function rowsOnly(context: CheckContext, computed: Sql, condition: Sql): Sql {
  return sql` from (select ${context.dialect.unpackRow(sql`t.${context.ownName('row')}`)}
    from (${computed}) as t where ${condition}) as t`;
}

/** The rows that are tested: those that meet the condition and have a value in each of the columns. */
export function testedRows(
  context: CheckContext,
  expectation: RowCheck,
  needs: readonly string[],
): Sql | undefined {
  return allOf([
    compileWhen(context, expectation.when),
    ...needs.map((column) => context.isNotNull(column)),
  ]);
}

/** As a figure of a scan; without a condition it counts the rows. */
export function countWhere(
  { dialect }: Pick<CheckContext, 'dialect'>,
  condition: Sql | undefined,
): Sql {
  const count = condition === undefined ? sql`count(*)` : dialect.countWhere(condition);
  return { ...sql`${count}::text`, isCount: true };
}

function countTested(context: CheckContext, needs: readonly string[], when: Sql | undefined): Sql {
  const [only, ...others] = needs;
  if (only !== undefined && others.length === 0) {
    // Cheaper than a filter, and the same for all checks of the column.
    const filter = when === undefined ? verbatim('') : sql` filter (where ${when})`;
    return { ...sql`count(${context.plainColumn(only)})${filter}::text`, isCount: true };
  }
  return countWhere(context, allOf([when, ...needs.map((column) => context.isNotNull(column))]));
}

function judgeCounts(
  expectation: RowCheck,
  testedText: string | null | undefined,
  failingText: string | null | undefined,
): Finding {
  const tested = BigInt(testedText ?? 0);
  const failing = BigInt(failingText ?? 0);
  return {
    outcome: judgeRows(expectation, failing, tested),
    observed: `${failing} of ${tested} ${nounFor(tested, 'row')}`,
    expected: describeThresholds(expectation),
    value: Number(failing),
    tested,
    failing,
  };
}
