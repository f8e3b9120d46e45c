import type { AnyValue } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { formPatterns } from '../pattern/form-patterns.ts';
import { sharedPattern } from '../pattern/shared-pattern.ts';
import { allOf, anyOf, join, parameter, sql, verbatim } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { isOneOf } from './compile-condition.ts';
import { compileExpression } from './compile-expression.ts';
import { compileJson } from './compile-json.ts';
import { compileOutliers } from './compile-outliers.ts';
import { compileNoOverlap, compileReference, compileUnique } from './compile-row-set.ts';
import { compileSequence } from './compile-sequence.ts';
import { predicatePlan } from './row-plan.ts';
import type { RowCheck } from './row-plan.ts';

/** Plans a check of rows. @throws {QualityError} where it can not be evaluated. */
export function compileRow(context: CheckContext, check: RowCheck): CheckPlan {
  switch (check.kind) {
    case 'unique':
      return compileUnique(context, check);
    case 'reference':
      return compileReference(context, check);
    case 'no_overlap':
      return compileNoOverlap(context, check);
    case 'sequence':
      return compileSequence(context, check);
    case 'no_outliers':
      return compileOutliers(context, check);
    case 'json':
      return compileJson(context, check);
    case 'compare':
      return compileCompare(context, check);
    case 'tuple_in_set':
      return compileTuples(context, check);
    case 'filled':
      return predicatePlan(context, check, { needs: [], fails: failsFilled(context, check) });
    case 'expression': {
      const expression = compileExpression(context, check.sql);
      return predicatePlan(context, check, { needs: [], fails: sql`not (${expression})` });
    }
    case 'not_null':
      return predicatePlan(context, check, {
        needs: [],
        fails: sql`${context.plainColumn(check.column)} is null`,
      });
    case 'null':
      return predicatePlan(context, check, { needs: [], fails: context.isNotNull(check.column) });
    default:
      return predicatePlan(context, check, {
        needs: [check.column],
        fails: failsOfColumn(context, check),
        isStrict: true,
      });
  }
}

type ColumnCheck = Extract<
  RowCheck,
  {
    kind:
      | 'no_sentinel'
      | 'in_set'
      | 'not_in_set'
      | 'range'
      | 'length'
      | 'pattern'
      | 'not_pattern'
      | 'like'
      | 'not_like'
      | 'form';
  }
>;

/** True for a value that fails, and never for null. */
function failsOfColumn(context: CheckContext, check: ColumnCheck): Sql {
  switch (check.kind) {
    case 'in_set':
      return check.values.length === 0
        ? context.isNotNull(check.column)
        : sql`not (${isOneOf(context, check.column, check.values)})`;
    case 'no_sentinel':
    case 'not_in_set':
      return isOneOf(context, check.column, check.values);
    case 'range':
      return failsRange(context, check);
    case 'length':
      return failsLength(context, check);
    case 'pattern':
    case 'not_pattern': {
      const matches = context.dialect.matches(
        context.column(check.column),
        sharedPattern(check.pattern),
      );
      return check.kind === 'pattern' ? sql`not (${matches})` : matches;
    }
    case 'like':
    case 'not_like':
      return failsLike(context, check);
    case 'form': {
      const pattern = sharedPattern(formPatterns[check.form]);
      return sql`not (${context.dialect.matches(context.column(check.column), pattern)})`;
    }
  }
}

function failsRange(context: CheckContext, check: Extract<ColumnCheck, { kind: 'range' }>): Sql {
  const column = context.column(check.column);
  const ends: readonly (readonly [string, AnyValue | undefined])[] = [
    ['<', check.min],
    ['>', check.max],
    ['<=', check.above],
    ['>=', check.below],
  ];
  const outside = ends.flatMap(([operator, value]) =>
    value === undefined
      ? []
      : [sql`${column} ${verbatim(operator)} ${context.value(check.column, value)}`],
  );
  if (outside.length === 0) {
    throw new QualityError('DECLARATION', 'a range has an end');
  }
  if (context.typeOf(check.column) === 'double') {
    // Both engines hold NaN for greater than all, and it is in no range.
    outside.push(sql`${column} = ${context.value(check.column, Number.NaN)}`);
  }
  return anyOf(outside);
}

function failsLength(context: CheckContext, check: Extract<ColumnCheck, { kind: 'length' }>): Sql {
  const ends = [
    ['<', check.min],
    ['>', check.max],
  ] as const;
  const outside = ends.flatMap(([operator, value]) => {
    if (value === undefined) {
      return [];
    }
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new QualityError('DECLARATION', `${value} is no number of characters`);
    }
    const limit = parameter(String(value), 'bigint');
    return [sql`length(${context.plainColumn(check.column)}::text) ${verbatim(operator)} ${limit}`];
  });
  if (outside.length === 0) {
    throw new QualityError('DECLARATION', 'a length has an end');
  }
  return anyOf(outside);
}

function failsLike(
  context: CheckContext,
  check: Extract<ColumnCheck, { kind: 'like' | 'not_like' }>,
): Sql {
  // The engines differ in what another character after a backslash means.
  if (!/^(?:[^\\]|\\[\\%_])*$/su.test(check.pattern) || check.pattern.includes('\0')) {
    throw new QualityError(
      'DECLARATION',
      `like ${JSON.stringify(check.pattern)}: \\ stands before \\, % or _`,
    );
  }
  const matches = sql`${context.column(check.column)} like ${parameter(check.pattern, 'text')} escape '\\'`;
  return check.kind === 'like' ? sql`not (${matches})` : matches;
}

function compileCompare(
  context: CheckContext,
  check: Extract<RowCheck, { kind: 'compare' }>,
): CheckPlan {
  if (context.typeOf(check.column) !== context.typeOf(check.other)) {
    throw new QualityError('DECLARATION', `${check.column} and ${check.other} are of two types`);
  }
  const comparison = sql`${context.column(check.column)} ${verbatim(check.compare)} ${context.column(check.other)}`;
  return predicatePlan(context, check, {
    needs: [check.column, check.other],
    fails: sql`not (${comparison})`,
    isStrict: true,
  });
}

function compileTuples(
  context: CheckContext,
  check: Extract<RowCheck, { kind: 'tuple_in_set' }>,
): CheckPlan {
  const { columns } = check;
  const tuples = check.tuples.map((tuple) => {
    if (tuple.length !== columns.length) {
      throw new QualityError(
        'DECLARATION',
        `a tuple has ${columns.length} ${nounFor(columns.length, 'value')}, not ${tuple.length}`,
      );
    }
    return (
      allOf(
        columns.map((column, index) => {
          // As many values as columns, so there is one.
          const value = tuple[index] ?? '';
          return sql`${context.column(column)} = ${context.value(column, value)}`;
        }),
      ) ?? verbatim('true')
    );
  });
  return predicatePlan(context, check, { needs: columns, fails: sql`not (${anyOf(tuples)})` });
}

function failsFilled(context: CheckContext, check: Extract<RowCheck, { kind: 'filled' }>): Sql {
  const { columns } = check;
  if (columns.length < 2) {
    throw new QualityError('DECLARATION', 'filled: two columns at least');
  }
  const filled = columns.map((column) => context.isNotNull(column));
  const isNone = join(
    columns.map((column) => sql`${context.plainColumn(column)} is null`),
    ' and ',
  );
  // Adding up who is filled would cost twice as much.
  const isPair = anyOf(
    filled.flatMap((first, index) =>
      filled.slice(index + 1).map((other) => sql`${first} and ${other}`),
    ),
  );
  switch (check.filled) {
    case 'exactly_one':
      return sql`(${isNone}) or ${isPair}`;
    case 'at_most_one':
      return isPair;
    case 'at_least_one':
      return isNone;
    case 'all_or_none':
      return sql`not (${isNone}) and not (${join(filled, ' and ')})`;
  }
}
