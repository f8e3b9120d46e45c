import type { Condition } from '@sluice/schemas/expectations';

import { allOf, anyOf, sql, verbatim } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';

/**
 * A condition, true where it holds, and else false or null: which of them makes no difference to a
 * filter.
 */
export function compileCondition(context: CheckContext, condition: Condition): Sql {
  if ('all' in condition) {
    const parts = condition.all.map((part) => compileCondition(context, part));
    return allOf(parts) ?? verbatim('true');
  }
  if ('any' in condition) {
    return anyOf(condition.any.map((part) => compileCondition(context, part)));
  }
  if ('not' in condition) {
    // Half the work of `not coalesce(…, false)` in DuckDB.
    return sql`(${compileCondition(context, condition.not)}) is not true`;
  }
  if ('is' in condition) {
    return sql`${context.plainColumn(condition.column)} is ${verbatim(condition.is === 'null' ? 'null' : 'not null')}`;
  }
  return 'in' in condition
    ? isOneOf(context, condition.column, condition.in)
    : sql`${context.column(condition.column)} ${verbatim(condition.compare)} ${context.value(condition.column, condition.value)}`;
}

/** {@link compileCondition} of a condition that may be absent. */
export function compileWhen(
  context: CheckContext,
  condition: Condition | undefined,
): Sql | undefined {
  return condition === undefined ? undefined : compileCondition(context, condition);
}

/** The columns that a condition is about, each maybe several times. */
export function columnsOfCondition(condition: Condition | undefined): string[] {
  if (condition === undefined) {
    return [];
  }
  if ('all' in condition) {
    return condition.all.flatMap(columnsOfCondition);
  }
  if ('any' in condition) {
    return condition.any.flatMap(columnsOfCondition);
  }
  return 'not' in condition ? columnsOfCondition(condition.not) : [condition.column];
}

/** `column in (…)`: null for null, false where nothing is listed. */
export function isOneOf(
  context: CheckContext,
  column: string,
  values: Extract<Condition, { in: unknown }>['in'],
): Sql {
  if (values.length === 0) {
    return sql`${context.plainColumn(column)} is null and null`;
  }
  const list = values.map((value) => context.value(column, value));
  return context.dialect.isOneOf(context.column(column), list);
}
