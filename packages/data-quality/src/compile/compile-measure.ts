import type { ColumnType, Condition, Measure } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { microsOfText } from '../sql/time-text.ts';
import { allOf, join, parameter, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { TextRow } from './check-plan.ts';
import { compileWhen } from './compile-condition.ts';
import { ratioFigure, readDouble } from './figure.ts';
import type { Figure } from './figure.ts';
import { rationalOf } from './rational.ts';
import { countWhere } from './row-plan.ts';

/** Of what is larger, sums (and squares) may be no doubles: an error in one engine, not in the other. */
export const maxAdded = 1e290;
const maxSquared = 1e150;

/** How a measure is taken: figures of the shared scan, or a statement of its own. */
export interface MeasurePlan {
  readonly scan: readonly Sql[];
  readonly queries: readonly Sql[];
  readonly read: (
    figures: readonly (string | null)[],
    answers: readonly (readonly TextRow[])[],
  ) => Figure;
}

/** Plans a measure of the rows that meet a condition. */
export function compileMeasure(
  context: CheckContext,
  measure: Measure,
  condition: Condition | undefined,
): MeasurePlan {
  const when = compileWhen(context, condition);
  switch (measure.of) {
    case 'row_count':
      return scanPlan([countWhere(context, when)], ([rows]) => ratioFigure(bigintOf(rows), 1n));
    case 'min':
    case 'max':
      return extreme(context, measure.column, measure.of, when);
    case 'median':
      return quantile(context, measure.column, 0.5, when);
    case 'quantile':
      return quantile(context, measure.column, measure.fraction, when);
    case 'sum':
    case 'mean':
      return sumOrMean(context, measure.column, measure.of, when);
    case 'stdev':
      return deviation(context, measure.column, when);
    case 'entropy':
      return entropy(context, measure.column, when);
    case 'completeness':
      return scanPlan(
        [count(context, measure.column, when), countWhere(context, when)],
        ([filled, rows]) => ratioFigure(bigintOf(filled), bigintOf(rows)),
      );
    case 'distinct_count':
      return scanPlan([countDistinct(context, measure.column, when)], ([distinct]) =>
        ratioFigure(bigintOf(distinct), 1n),
      );
    case 'distinct_ratio':
      return scanPlan(
        [countDistinct(context, measure.column, when), count(context, measure.column, when)],
        ([distinct, filled]) => ratioFigure(bigintOf(distinct), bigintOf(filled)),
      );
  }
}

/** A value of a column as a figure. */
export function figureOf(type: ColumnType, text: string | null | undefined): Figure {
  if (text == null) {
    return { kind: 'none' };
  }
  switch (type) {
    case 'integer':
      return ratioFigure(BigInt(text), 1n);
    case 'double':
      return { kind: 'double', number: readDouble(text) };
    case 'date':
    case 'timestamp':
    case 'instant':
      return { kind: 'time', micros: microsOfText(text), text };
    default:
      throw new QualityError('DECLARATION', `a column of type ${type} has no such measure`);
  }
}

function scanPlan(scan: readonly Sql[], read: MeasurePlan['read']): MeasurePlan {
  return { scan, queries: [], read };
}

function bigintOf(text: string | null | undefined): bigint {
  return BigInt(text ?? 0);
}

function filter(condition: Sql | undefined): Sql {
  return condition === undefined ? verbatim('') : sql` filter (where ${condition})`;
}

function count(context: CheckContext, column: string, when: Sql | undefined): Sql {
  return sql`count(${context.plainColumn(column)})${filter(when)}::text`;
}

function countDistinct(context: CheckContext, column: string, when: Sql | undefined): Sql {
  return sql`count(distinct ${context.column(column)})${filter(when)}::text`;
}

function extreme(
  context: CheckContext,
  column: string,
  of: 'min' | 'max',
  when: Sql | undefined,
): MeasurePlan {
  const type = context.typeOf(column);
  const found = sql`${verbatim(of)}(${context.column(column)})${filter(when)}::text`;
  return scanPlan([found], ([text]) => figureOf(type, text));
}

/** Integers exactly; of doubles those that can be added up, and whether all can. */
function sumOrMean(
  context: CheckContext,
  column: string,
  of: 'sum' | 'mean',
  when: Sql | undefined,
): MeasurePlan {
  const counted = count(context, column, when);
  if (context.typeOf(column) === 'integer') {
    const sum = sql`sum(${context.column(column)}::${verbatim(context.dialect.wideInteger)})${filter(when)}::text`;
    return scanPlan([sum, counted], ([total, filled]) => {
      const divisor = of === 'sum' && bigintOf(filled) > 0n ? 1n : bigintOf(filled);
      return ratioFigure(bigintOf(total), divisor);
    });
  }
  const value = smallDouble(context, column, maxAdded);
  const sum = sql`sum(${value.column}::float8)${filter(allOf([when, value.isSmall]))}::text`;
  return scanPlan(
    [sum, countWhere(context, allOf([when, value.isSmall])), counted],
    ([total, small, filled]) =>
      doubleFigure(total, small, filled, (number, values) =>
        of === 'sum' ? number : number / values,
      ),
  );
}

function deviation(context: CheckContext, column: string, when: Sql | undefined): MeasurePlan {
  const isInteger = context.typeOf(column) === 'integer';
  const value = isInteger
    ? { column: context.column(column), isSmall: undefined }
    : smallDouble(context, column, maxSquared);
  const condition = allOf([when, value.isSmall]);
  const found = sql`stddev_samp(${value.column}::float8)${filter(condition)}::text`;
  const small = sql`count(${value.column})${filter(condition)}::text`;
  return scanPlan([found, small, count(context, column, when)], ([text, counted, filled]) =>
    doubleFigure(text, counted, filled, (number) => number),
  );
}

/** DuckDB ends with an error, and Postgres with NaN, where an infinity meets a deviation. */
function smallDouble(
  context: CheckContext,
  column: string,
  limit: number,
): { column: Sql; isSmall: Sql } {
  const value = context.column(column);
  const end = (number: number): Sql => context.value(column, number);
  return {
    column: value,
    isSmall: sql`${value} > ${end(-limit)} and ${value} < ${end(limit)}`,
  };
}

function doubleFigure(
  text: string | null | undefined,
  small: string | null | undefined,
  filled: string | null | undefined,
  finish: (number: number, values: number) => number,
): Figure {
  if (small !== filled) {
    return { kind: 'double', number: Number.NaN };
  }
  if (text == null) {
    return { kind: 'none' };
  }
  return { kind: 'double', number: finish(readDouble(text), Number(small)) };
}

/**
 * The value at rank ⌈fraction · n⌉, which integers alone decide: the engines' own functions round the
 * product differently.
 */
function quantile(
  context: CheckContext,
  column: string,
  fraction: number,
  when: Sql | undefined,
): MeasurePlan {
  if (!(fraction > 0 && fraction <= 1)) {
    throw new QualityError('DECLARATION', `a quantile's fraction is above 0 and at most 1`);
  }
  const { numerator, denominator } = rationalOf(fraction);
  const wide = context.dialect.wideInteger;
  const [top, bottom, round] = [numerator, denominator, denominator - 1n].map((number) =>
    parameter(String(number), wide),
  ) as [Sql, Sql, Sql]; // as many as there are numbers
  const tested = where(when, context.isNotNull(column));
  const product = sql`(count(*)::${verbatim(wide)} * ${top} + ${round})`;
  const rank = context.dialect.divide(product, bottom);
  const skipped = sql`select greatest(${rank} - 1, 0)::bigint${context.from}${tested}`;
  const type = context.typeOf(column);
  return {
    scan: [],
    queries: [
      sql`select ${context.column(column)}::text as value${context.from}${tested}
        order by ${context.column(column)} limit 1 offset (${skipped})`,
    ],
    read: (_, [rows]) => figureOf(type, rows?.[0]?.['value']),
  };
}

/** From the counts of equal counts, in their order, so that the sum is the same everywhere. */
function entropy(context: CheckContext, column: string, when: Sql | undefined): MeasurePlan {
  const value = context.column(column);
  const counts = sql`select count(*) as n${context.from}${where(when, context.isNotNull(column))} group by ${value}`;
  const columns = join([verbatim('n::text as size'), verbatim('count(*)::text as times')], ', ');
  return {
    scan: [],
    queries: [sql`select ${columns} from (${counts}) as c group by n order by n`],
    read: (_, [rows = []]) => {
      const groups = rows.map((row) => [Number(row['size']), Number(row['times'])] as const);
      const total = groups.reduce((sum, [size, times]) => sum + size * times, 0);
      const bits = groups.reduce((sum, [size, times]) => {
        const share = size / total;
        return sum - times * share * Math.log2(share);
      }, 0);
      return total === 0 ? { kind: 'none' } : { kind: 'double', number: bits + 0 };
    },
  };
}
