import type { ColumnProfile } from '@sluice/schemas/expectations';

import type { CheckContext } from '../compile/check-context.ts';
import { sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { isFiniteSql } from './profile-columns.ts';
import { countOf, readRows } from './read-figures.ts';
import type { ProfileSource } from './read-figures.ts';

const maxSteps = 5;

/** How far apart neighbouring values are, the commonest distances first. */
export async function readSteps(
  source: ProfileSource,
  name: string,
): Promise<ColumnProfile['steps']> {
  const { context } = source;
  const isInteger = context.typeOf(name) === 'integer';
  const position = isInteger
    ? sql`value::${verbatim(context.dialect.wideInteger)}`
    : context.dialect.microsOf(sql`value`);
  const tested = where(context.isNotNull(name), isFiniteSql(context, name));
  const rows = await readRows(
    source,
    sql`select step::text as step, count(*)::text as times from (
      select ${position} - lag(${position}) over (order by value) as step
      from (select distinct ${timeOrNumber(context, name)} as value${context.from}${tested}) as v) as s
      where step is not null group by step order by count(*) desc, s.step limit ${verbatim(String(maxSteps))}`,
  );
  return rows.map((row) => ({
    step: Number(row['step']) / (isInteger ? 1 : 1_000),
    times: countOf(row['times']),
  }));
}

/** A time as a timestamp in UTC, others as they are. */
export function timeOrNumber(context: CheckContext, name: string): Sql {
  const column = context.column(name);
  switch (context.typeOf(name)) {
    case 'instant':
      return sql`(${column} at time zone 'UTC')`;
    case 'date':
      return sql`${column}::timestamp`;
    default:
      return column;
  }
}
