import { QualityError } from '../errors.ts';
import { bytewise } from '../sql/dialect.ts';
import { allOf, anyOf, identifier, join, relationSql, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, TextRow } from './check-plan.ts';
import { rowsOnly, setPlan, testedRows, withWholeRow } from './row-plan.ts';
import type { RowCheck } from './row-plan.ts';

/** Groups of equal rows that are then looked for by their values. */
const groupsLookedFor = 50;

/** All rows of each group that has more than one. */
export function compileUnique(
  context: CheckContext,
  check: Extract<RowCheck, { kind: 'unique' }>,
): CheckPlan {
  const { columns } = check;
  if (columns.length === 0) {
    throw new QualityError('DECLARATION', 'unique: one column at least');
  }
  const tested = testedRows(context, check, columns);
  const values = columns.map((column) => context.column(column));
  const names = columns.map((_, index) => identifier(`v${index}`));
  const listed = join(
    values.map((value, index) => sql`${value} as ${names[index] ?? value}`),
    ', ',
  );
  const repeated = sql`select ${listed}, count(*) as n${context.from}${where(tested)}
    group by ${join(values, ', ')} having count(*) > 1`;
  const isRepeated = allOf(
    values.map((value, index) => sql`${value} = d.${names[index] ?? value}`),
  );
  const plan = setPlan(context, check, {
    needs: columns,
    failingRows: sql`${context.from} join (${repeated}) as d on ${isRepeated ?? verbatim('true')}${where(tested)}`,
  });
  // The groups alone tell how many rows they have, and where they are few, what to look for: that they
  // are found once is most of what the check costs.
  const found = names.map((name) => sql`${name}::text as ${name}`);
  return {
    ...plan,
    queries: [
      // Not as a window: for one, DuckDB no longer groups on all its threads.
      sql`with d as materialized (${repeated})
        select ${join(found, ', ')}, (select sum(n) from d)::text as failing
        from d limit ${verbatim(String(groupsLookedFor + 1))}`,
    ],
    failingRowsBy: ([groups = []]) =>
      groups.length > groupsLookedFor
        ? plan.failingRows
        : sql`${context.from}${where(tested, anyOf(groups.map((group) => isInGroup(context, columns, group))))}`,
  };
}

function isInGroup(context: CheckContext, columns: readonly string[], group: TextRow): Sql {
  const isSame = columns.map(
    (column, index) =>
      sql`${context.column(column)} = ${context.foundValue(column, group[`v${index}`] ?? '')}`,
  );
  return allOf(isSame) ?? verbatim('true');
}

/** Rows whose values no row of the other relation has. */
export function compileReference(
  context: CheckContext,
  check: Extract<RowCheck, { kind: 'reference' }>,
): CheckPlan {
  const { columns, references } = check;
  if (columns.length === 0 || columns.length !== references.columns.length) {
    throw new QualityError('DECLARATION', 'reference: as many columns there as here, one at least');
  }
  const isSame = columns.map((column, index) => {
    const other = sql`r.${identifier(references.columns[index] ?? '')}`;
    const isText = context.typeOf(column) === 'text';
    return sql`${isText ? bytewise(other) : other} = ${context.column(column)}`;
  });
  const isFound = sql`exists (select 1 from ${relationSql(references.relation)} as r${where(...isSame)})`;
  return setPlan(context, check, {
    needs: columns,
    failingRows: sql`${context.from}${where(testedRows(context, check, columns), sql`not ${isFound}`)}`,
  });
}

/**
 * Intervals in the order of their beginnings: one overlaps an earlier one where any of those ends after
 * it begins, and a later one where any of those begins before it ends.
 */
export function compileNoOverlap(
  context: CheckContext,
  check: Extract<RowCheck, { kind: 'no_overlap' }>,
): CheckPlan {
  const needs = [check.from, check.to, ...(check.partitionBy ?? [])];
  if (context.typeOf(check.from) !== context.typeOf(check.to)) {
    throw new QualityError('DECLARATION', `${check.from} and ${check.to} are of two types`);
  }
  const from = context.column(check.from);
  const to = context.column(check.to);
  // One that ends before it begins fails by itself, and would spoil the order of the others.
  const isForward = sql`${from} <= ${to}`;
  const partition = [
    ...(check.partitionBy ?? []).map((column) => context.column(column)),
    isForward,
  ];
  const inOrder = sql`partition by ${join(partition, ', ')} order by ${from}, ${to}`;
  // The first of the later beginnings is the next one. The least of them is the same, and Postgres
  // would look for it from row to row among all that follow.
  const [earlierEnd, laterStart] = [context.ownName('earlier end'), context.ownName('later start')];
  const ordered = sql`select ${withWholeRow(context, needs)},
      max(${to}) over (${inOrder} rows between unbounded preceding and 1 preceding) as ${earlierEnd},
      lead(${from}) over (${inOrder}) as ${laterStart}
    ${context.from}${where(testedRows(context, check, needs))}`;
  return setPlan(context, check, {
    needs,
    failingRows: rowsOnly(
      context,
      ordered,
      sql`${to} < ${from} or t.${earlierEnd} > ${from} or t.${laterStart} < ${to}`,
    ),
  });
}
