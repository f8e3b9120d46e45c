import type { ColumnProfile } from '@sluice/schemas/expectations';

import { join, sql, verbatim, where } from '../sql/sql.ts';
import { isFiniteSql } from './profile-columns.ts';
import { countOf, readRows } from './read-figures.ts';
import type { ProfileSource } from './read-figures.ts';
import { timeOrNumber } from './read-steps.ts';

/** Which days have rows, how many, and on which weekdays; in UTC. */
export async function profileDays(
  source: ProfileSource,
  name: string,
): Promise<ColumnProfile['days']> {
  const { context } = source;
  const tested = where(context.isNotNull(name), isFiniteSql(context, name));
  const time = timeOrNumber(context, name);
  const days = sql`select ${time}::date as day, count(*) as n,
      count(*) filter (where ${time} = date_trunc('day', ${time})) as midnight,
      count(*) filter (where ${time} = date_trunc('hour', ${time})) as full_hour
    ${context.from}${tested} group by 1`;
  const quartiles = join(
    [0.25, 0.5, 0.75].map(
      (fraction, index) =>
        sql`percentile_disc(${verbatim(String(fraction))}) within group (order by n)::text as ${verbatim(`q${index + 1}`)}`,
    ),
    ', ',
  );
  const [whole] = await readRows(
    source,
    sql`select min(day)::text as first, max(day)::text as last, count(*)::text as observed,
        (max(day) - min(day) + 1 - count(*))::text as missing,
        coalesce(max(day - before), 0)::text as widest, min(n)::text as least, max(n)::text as most,
        ${quartiles}, sum(midnight)::text as midnight, sum(full_hour)::text as full_hour
      from (select *, lag(day) over (order by day) as before from (${days}) as d) as d`,
  );
  const weekdays = await readRows(
    source,
    sql`select extract(isodow from day)::text as weekday, count(*)::text as days, ${quartiles}
      from (${days}) as d group by extract(isodow from day) order by extract(isodow from day)`,
  );
  const first = whole?.['first'];
  if (whole === undefined || first == null) {
    return null;
  }
  return {
    first,
    last: whole['last'] ?? first,
    observed: countOf(whole['observed']),
    missing: countOf(whole['missing']),
    widestStepDays: countOf(whole['widest']),
    rowsPerDay: ['least', 'q1', 'q2', 'q3', 'most'].map((column) => countOf(whole[column])),
    weekdays: weekdays.map((row) => ({
      weekday: countOf(row['weekday']),
      days: countOf(row['days']),
      quartiles: ['q1', 'q2', 'q3'].map((column) => countOf(row[column])),
    })),
    atMidnight: countOf(whole['midnight']),
    atFullHour: countOf(whole['full_hour']),
  };
}
