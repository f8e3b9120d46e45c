import type { RowExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { join, parameter, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { maxAdded } from './compile-measure.ts';
import { deviationScale } from './detect-anomaly.ts';
import { rowsOnly, setPlan, testedRows, withWholeRow } from './row-plan.ts';

type OutliersCheck = Extract<RowExpectation, { kind: 'no_outliers' }>;

const maxDeviations = 1_000;

/**
 * Rows far from the median of their partition. Medians are the lower ones of two, found by rank, and
 * distances a subtraction each, so that both engines get the same doubles.
 */
export function compileOutliers(context: CheckContext, check: OutliersCheck): CheckPlan {
  const { column, partitionBy = [], deviations, minDistance = 0 } = check;
  if (!(deviations > 0 && deviations <= maxDeviations && minDistance >= 0)) {
    throw new QualityError(
      'DECLARATION',
      `no_outliers: deviations above 0, at most ${maxDeviations}, and no negative distance`,
    );
  }
  const needs = [column, ...partitionBy];
  const isInteger = context.typeOf(column) === 'integer';
  const value = context.column(column);
  const end = (number: number): Sql => context.value(column, number);
  const isSmall = isInteger
    ? verbatim('true')
    : sql`(${value} > ${end(-maxAdded)} and ${value} < ${end(maxAdded)})`;
  const wide = verbatim(isInteger ? context.dialect.wideInteger : 'float8');
  const own = {
    value: context.ownName('value'),
    rank: context.ownName('rank'),
    count: context.ownName('count'),
    distance: context.ownName('distance'),
    place: context.ownName('place'),
    spread: context.ownName('spread'),
  };
  const partition = join([...partitionBy.map((name) => context.column(name)), isSmall], ', ');
  const over = sql`over (partition by ${partition})`;
  const middle = (of: Sql): Sql => sql`max(case when 2 * t.${own.rank} = t.${own.count}
        or 2 * t.${own.rank} = t.${own.count} + 1 then ${of} end) ${over}`;
  const ranked = sql`select ${withWholeRow(context, needs)}, ${value}::${wide} as ${own.value},
      row_number() over (partition by ${partition} order by ${value}) as ${own.rank},
      count(*) ${over} as ${own.count}
    ${context.from}${where(testedRows(context, check, needs))}`;
  // What is not small has a partition of its own, in which nothing is subtracted.
  const distance = sql`case when ${isSmall} then abs(t.${own.value} - ${middle(sql`t.${own.value}`)}) end`;
  const distant = sql`select t.*, ${distance} as ${own.distance} from (${ranked}) as t`;
  const found = sql`t.${own.distance}`;
  const again = sql`select t.*,
      row_number() over (partition by ${partition} order by ${found}) as ${own.place}
    from (${distant}) as t`;
  const spread = sql`max(case when 2 * t.${own.place} = t.${own.count}
        or 2 * t.${own.place} = t.${own.count} + 1 then ${found} end) ${over}`;
  const judged = sql`select t.*, ${spread} as ${own.spread} from (${again}) as t`;
  const factor = parameter(String(deviations * deviationScale), 'float8');
  return setPlan(context, check, {
    needs,
    failingRows: rowsOnly(
      context,
      judged,
      sql`not ${isSmall} or (${found}::float8 > ${parameter(String(minDistance), 'float8')}
        and ${found}::float8 > ${factor} * t.${own.spread}::float8)`,
    ),
  });
}
