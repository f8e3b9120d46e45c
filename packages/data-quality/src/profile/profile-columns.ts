import type { ColumnProfile, ColumnType } from '@sluice/schemas/expectations';

import type { CheckContext } from '../compile/check-context.ts';
import { maxAdded } from '../compile/compile-measure.ts';
import { readDouble } from '../compile/figure.ts';
import { readValue } from '../compile/key-values.ts';
import { countWhere } from '../compile/row-plan.ts';
import { allOf, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { profileDays } from './profile-days.ts';
import { profileText } from './profile-text.ts';
import { countOf, readFigures, readRows } from './read-figures.ts';
import type { FigureText, ProfileSource } from './read-figures.ts';
import { readSteps } from './read-steps.ts';

/** A column has few values up to here, and all of them are listed. */
export const fewValues = 50;

const eighthsBelowOne = [1, 2, 3, 4, 5, 6, 7];

/** One profile for each of the columns, in their order. */
export async function profileColumns(
  source: ProfileSource,
  names: readonly string[],
): Promise<ColumnProfile[]> {
  const first = await readFigures(source, figuresOf(source.context, names, firstFigures));
  const ofFirst = new Map(names.map((name) => [name, (of: string) => first(`${name}.${of}`)]));
  const second = await readFigures(
    source,
    figuresOf(source.context, names, (context, name) =>
      secondFigures(context, name, ofFirst.get(name) ?? (() => null)),
    ),
  );
  const profiles: ColumnProfile[] = [];
  for (const name of names) {
    profiles.push(
      await profileColumn(source, name, {
        rows: countOf(first(`${name}.rows`)),
        figure: (of) => first(`${name}.${of}`) ?? second(`${name}.${of}`),
      }),
    );
  }
  return profiles;
}

/** Where a value is no NaN and no infinity; undefined where a type has none. */
export function isFiniteSql(context: CheckContext, name: string): Sql | undefined {
  const column = context.column(name);
  switch (context.typeOf(name)) {
    case 'double':
      return sql`${column} > ${context.value(name, -Infinity)} and ${column} < ${context.value(name, Infinity)}`;
    case 'date':
    case 'timestamp':
    case 'instant':
      return sql`isfinite(${context.plainColumn(name)})`;
    default:
      return undefined;
  }
}

/** Whether quantiles of a type say something. */
export function isOrdered(type: ColumnType): boolean {
  return type !== 'text' && type !== 'boolean';
}

type FiguresOfColumn = (context: CheckContext, name: string) => Readonly<Record<string, Sql>>;

function figuresOf(
  context: CheckContext,
  names: readonly string[],
  make: FiguresOfColumn,
): Map<string, Sql> {
  return new Map(
    names.flatMap((name) =>
      Object.entries(make(context, name)).map(([of, figure]) => [`${name}.${of}`, figure] as const),
    ),
  );
}

function filtered(aggregate: Sql, condition: Sql | undefined): Sql {
  return condition === undefined
    ? sql`(${aggregate})::text`
    : sql`(${aggregate} filter (where ${condition}))::text`;
}

function firstFigures(context: CheckContext, name: string): Record<string, Sql> {
  const column = context.column(name);
  const type = context.typeOf(name);
  const finite = isFiniteSql(context, name);
  const isNumber = type === 'integer' || type === 'double';
  const eighths = eighthsBelowOne.map((eighth) => [
    `eighth${eighth}`,
    filtered(
      sql`percentile_disc(${verbatim(String(eighth / 8))}) within group (order by ${column})`,
      finite,
    ),
  ]);
  return {
    rows: countWhere(context, undefined),
    filled: sql`count(${context.plainColumn(name)})::text`,
    distinct: sql`count(distinct ${column})::text`,
    finite: countWhere(context, finite ?? context.isNotNull(name)),
    ...(type === 'boolean'
      ? {}
      : { min: filtered(sql`min(${column})`, finite), max: filtered(sql`max(${column})`, finite) }),
    ...(isOrdered(type) ? (Object.fromEntries(eighths) as Record<string, Sql>) : {}),
    ...(isNumber ? numberFigures(context, name, finite) : {}),
  };
}

function numberFigures(
  context: CheckContext,
  name: string,
  finite: Sql | undefined,
): Record<string, Sql> {
  const column = context.column(name);
  const wide = context.typeOf(name) === 'integer' ? context.dialect.wideInteger : 'float8';
  const isSmall =
    finite === undefined
      ? undefined
      : sql`${column} > ${context.value(name, -maxAdded)} and ${column} < ${context.value(name, maxAdded)}`;
  return {
    zeros: countWhere(context, sql`${column} = ${context.value(name, 0)}`),
    small: countWhere(context, isSmall ?? context.isNotNull(name)),
    sum: filtered(sql`sum(${column}::${verbatim(wide)})`, isSmall),
  };
}

/** What can be asked once the ends are known. */
function secondFigures(
  context: CheckContext,
  name: string,
  first: (of: string) => FigureText,
): Record<string, Sql> {
  const [min, max] = [first('min'), first('max')];
  if (min === null || max === null) {
    return {};
  }
  const column = context.column(name);
  const finite = isFiniteSql(context, name);
  const [least, greatest] = [context.foundValue(name, min), context.foundValue(name, max)];
  const above = allOf([finite, sql`${column} > ${least}`]);
  const below = allOf([finite, sql`${column} < ${greatest}`]);
  return {
    minRows: countWhere(context, sql`${column} = ${least}`),
    maxRows: countWhere(context, sql`${column} = ${greatest}`),
    aboveMin: filtered(sql`min(${column})`, above),
    belowMax: filtered(sql`max(${column})`, below),
  };
}

async function profileColumn(
  source: ProfileSource,
  name: string,
  found: { readonly rows: number; readonly figure: (of: string) => FigureText },
): Promise<ColumnProfile> {
  const type = source.context.typeOf(name);
  const { rows, figure } = found;
  const [filled, distinct] = [countOf(figure('filled')), countOf(figure('distinct'))];
  const value = (of: string) => readValue(type, figure(of));
  const isNumber = type === 'integer' || type === 'double';
  const isTime = type === 'date' || type === 'timestamp' || type === 'instant';
  const hasValues = figure('min') !== null;
  const isComplete = countOf(figure('small')) > 0 && figure('small') === figure('finite');
  return {
    ...{ name, type, filled, nulls: rows - filled, distinct },
    notFinite: filled - countOf(figure('finite')),
    min: value('min'),
    max: value('max'),
    minRows: countOf(figure('minRows')),
    maxRows: countOf(figure('maxRows')),
    aboveMin: value('aboveMin'),
    belowMax: value('belowMax'),
    eighths:
      isOrdered(type) && hasValues ? eighthsBelowOne.map((eighth) => value(`eighth${eighth}`)) : [],
    mean:
      isNumber && isComplete ? readDouble(figure('sum') ?? '0') / countOf(figure('small')) : null,
    zeros: isNumber ? countOf(figure('zeros')) : null,
    common: distinct > 0 && distinct < filled ? await readCommon(source, name) : [],
    steps: (type === 'integer' || isTime) && distinct > 1 ? await readSteps(source, name) : [],
    text: type === 'text' ? await profileText(source, name) : null,
    days: isTime && hasValues ? await profileDays(source, name) : null,
  };
}

/** Ties in the order of the values, so that both engines list the same. */
async function readCommon(source: ProfileSource, name: string): Promise<ColumnProfile['common']> {
  const { context } = source;
  const column = context.column(name);
  const rows = await readRows(
    source,
    sql`select ${column}::text as value, count(*)::text as times${context.from}${where(context.isNotNull(name))}
      group by ${column} order by count(*) desc, ${column} limit ${verbatim(String(fewValues + 1))}`,
  );
  return rows.map((row) => ({
    value: readValue(context.typeOf(name), row['value'] ?? null),
    rows: countOf(row['times']),
  }));
}
