import type { ColumnProfile, TableProfile } from '@sluice/schemas/expectations';

import type { CheckContext } from '../compile/check-context.ts';
import { readValue } from '../compile/key-values.ts';
import { countWhere } from '../compile/row-plan.ts';
import { allOf, identifier, join, sql } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { fewValues, isFiniteSql, isOrdered } from './profile-columns.ts';
import { countOf, readFigures, readRows } from './read-figures.ts';
import type { ProfileSource } from './read-figures.ts';

/** Of wide tables not every pair is compared. */
const maxPairs = 60;
const maxSplits = 12;

/** For each column with few values and no null: what the others are filled for. */
export async function readSplits(
  source: ProfileSource,
  columns: readonly ColumnProfile[],
  time: ColumnProfile | undefined,
): Promise<TableProfile['splits']> {
  const { context } = source;
  const few = columns
    .filter(
      ({ type, nulls, distinct }) =>
        type !== 'double' && nulls === 0 && distinct >= 2 && distinct <= fewValues,
    )
    .slice(0, maxSplits);
  const partly = columns.filter(({ nulls, filled }) => nulls > 0 && filled > 0);
  const splits: TableProfile['splits'] = [];
  for (const { name, type } of few) {
    const column = context.column(name);
    const counts = partly.map(
      (other, index) =>
        sql`count(${context.plainColumn(other.name)})::text as ${identifier(`f${index}`)}`,
    );
    const figures = [
      sql`${column}::text as value`,
      sql`count(*)::text as n`,
      sql`${olderRows(context, time)} as older`,
      ...counts,
    ];
    const rows = await readRows(
      source,
      sql`select ${join(figures, ', ')}${context.from} group by ${column} order by ${column}`,
    );
    splits.push({
      column: name,
      values: rows.map((row) => ({
        value: readValue(type, row['value'] ?? null),
        rows: countOf(row['n']),
        olderRows: countOf(row['older']),
        filled: Object.fromEntries(
          partly.map((other, index) => [other.name, countOf(row[`f${index}`])]),
        ),
      })),
    });
  }
  return splits;
}

/** For each column of many numbers: how many rows are up to each of its eighths. */
export async function readSpreads(
  source: ProfileSource,
  columns: readonly ColumnProfile[],
  time: ColumnProfile | undefined,
): Promise<TableProfile['spreads']> {
  const { context } = source;
  const spread = columns.filter(
    ({ type, distinct, filled, eighths }) =>
      (type === 'integer' || type === 'double') &&
      distinct > fewValues &&
      distinct < filled &&
      eighths.length > 0,
  );
  const figures = new Map<string, Sql>();
  for (const { name, eighths } of spread) {
    const notNull = context.isNotNull(name);
    figures.set(`${name}.rows`, countWhere(context, notNull));
    figures.set(`${name}.older`, olderRows(context, time, notNull));
    for (const [index, eighth] of eighths.entries()) {
      const isUpTo = sql`${context.column(name)} <= ${context.foundValue(name, String(eighth))}`;
      figures.set(`${name}.${index}`, countWhere(context, isUpTo));
      figures.set(`${name}.${index}.older`, olderRows(context, time, isUpTo));
    }
  }
  const figure = await readFigures(source, figures);
  return spread.map(({ name, eighths }) => ({
    column: name,
    rows: countOf(figure(`${name}.rows`)),
    olderRows: countOf(figure(`${name}.older`)),
    points: eighths.map((value, index) => ({
      value,
      rows: countOf(figure(`${name}.${index}`)),
      olderRows: countOf(figure(`${name}.${index}.older`)),
    })),
  }));
}

/** How two columns of one type compare, row by row. */
export async function readPairs(
  source: ProfileSource,
  columns: readonly ColumnProfile[],
): Promise<TableProfile['pairs']> {
  const { context } = source;
  const ordered = columns.filter(({ type, filled }) => isOrdered(type) && filled > 0);
  const pairs = ordered
    .flatMap((first, index) =>
      ordered
        .slice(index + 1)
        .filter(({ type }) => type === first.type)
        .map((other) => ({ column: first.name, other: other.name })),
    )
    .slice(0, maxPairs);
  const signs = { less: sql`<`, equal: sql`=`, greater: sql`>` };
  const figures = new Map(
    pairs.flatMap(({ column, other }, index) =>
      Object.entries(signs).map(
        ([of, sign]) =>
          [
            `${index}.${of}`,
            countWhere(context, sql`${context.column(column)} ${sign} ${context.column(other)}`),
          ] as const,
      ),
    ),
  );
  const figure = await readFigures(source, figures);
  return pairs.map((pair, index) => ({
    ...pair,
    less: countOf(figure(`${index}.less`)),
    equal: countOf(figure(`${index}.equal`)),
    greater: countOf(figure(`${index}.greater`)),
  }));
}

/** Rows of the older half: up to the middle of the times. */
function olderRows(context: CheckContext, time: ColumnProfile | undefined, condition?: Sql): Sql {
  const middle = time?.eighths[3];
  if (time === undefined || middle == null) {
    return sql`'0'`;
  }
  const isOlder = sql`${context.column(time.name)} <= ${context.foundValue(time.name, String(middle))}`;
  return countWhere(context, allOf([condition, isFiniteSql(context, time.name), isOlder]));
}
