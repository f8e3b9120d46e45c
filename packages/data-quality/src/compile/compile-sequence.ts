import type { RowExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { join, parameter, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { rowsOnly, setPlan, testedRows, withWholeRow } from './row-plan.ts';

type SequenceCheck = Extract<RowExpectation, { kind: 'sequence' }>;

/** Months have no fixed length. */
const grainIntervals = {
  hour: '3600000 milliseconds',
  day: '86400000 milliseconds',
  week: '604800000 milliseconds',
  month: '1 month',
} as const;

/** Rows that do not follow from what stands before them. */
export function compileSequence(context: CheckContext, check: SequenceCheck): CheckPlan {
  const { column, partitionBy = [], orderBy = [column], direction = 'ascending', step } = check;
  const isOwnOrder = check.orderBy === undefined;
  if (orderBy.length === 0 || (isOwnOrder && (step === undefined || direction !== 'ascending'))) {
    throw new QualityError(
      'DECLARATION',
      'sequence: without other columns to order by, the values ascend anyhow, and a step is wanted',
    );
  }
  const needs = [...new Set([column, ...partitionBy, ...orderBy])];
  const isTested =
    context.typeOf(column) === 'integer'
      ? undefined
      : sql`isfinite(${context.plainColumn(column)})`;
  const value = context.column(column);
  const partition =
    partitionBy.length === 0
      ? verbatim('')
      : sql`partition by ${join(
          partitionBy.map((name) => context.column(name)),
          ', ',
        )} `;
  const order = join(
    orderBy.map((name) => context.column(name)),
    ', ',
  );
  const isAscending = direction === 'ascending';
  // Groups are rows that are equal in what orders them: which of them comes first nobody knows.
  const before = sql`${verbatim(isAscending ? 'max' : 'min')}(${value}) over (
    ${partition}order by ${order} groups between 1 preceding and 1 preceding)`;
  const beforeName = context.ownName('before');
  const ordered = sql`select ${withWholeRow(context, needs)}, ${before} as ${beforeName}
    ${context.from}${where(testedRows(context, check, needs), isTested)}`;
  const previous = sql`t.${beforeName}`;
  const comparison = `${isAscending ? '>' : '<'}${check.mayRepeat === true ? '=' : ''}`;
  const follows =
    step === undefined
      ? sql`${value} ${verbatim(comparison)} ${previous}`
      : isOneStep(context, check, { value, previous });
  return setPlan(context, check, {
    needs,
    isTested,
    failingRows: rowsOnly(context, ordered, sql`not (${follows})`),
  });
}

function isOneStep(
  context: CheckContext,
  { column, step, direction, mayRepeat }: SequenceCheck,
  { value, previous }: { readonly value: Sql; readonly previous: Sql },
): Sql {
  if (mayRepeat === true) {
    throw new QualityError('DECLARATION', 'sequence: what goes by steps does not repeat');
  }
  const [from, to] = direction === 'descending' ? [value, previous] : [previous, value];
  if (context.typeOf(column) === 'integer') {
    const isNumber =
      typeof step === 'bigint' || (typeof step === 'number' && Number.isSafeInteger(step));
    if (!isNumber || step <= 0) {
      throw new QualityError(
        'DECLARATION',
        'sequence: a step of integers is a whole number above 0',
      );
    }
    const wide = verbatim(context.dialect.wideInteger);
    return sql`${to}::${wide} - ${from}::${wide} = ${parameter(String(step), context.dialect.wideInteger)}`;
  }
  const interval = parameter(intervalText(step), 'interval');
  return sql`${utcTimestamp(context, column, to)} = ${utcTimestamp(context, column, from)} + ${interval}`;
}

function intervalText(step: SequenceCheck['step']): string {
  if (typeof step === 'string') {
    return grainIntervals[step];
  }
  if (typeof step !== 'object' || !Number.isSafeInteger(step.ms) || step.ms <= 0) {
    throw new QualityError(
      'DECLARATION',
      'sequence: a step of times is a grain, or whole ms above 0',
    );
  }
  return `${step.ms} milliseconds`;
}

/** A month is added in UTC, whatever the zone of the session. */
function utcTimestamp(context: CheckContext, column: string, value: Sql): Sql {
  return context.typeOf(column) === 'instant'
    ? sql`(${value} at time zone 'UTC')`
    : sql`${value}::timestamp`;
}
