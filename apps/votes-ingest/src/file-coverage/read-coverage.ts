import type { ArrivalPlan, VotesCoverage } from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { dailyVotesSql, weeklyVotesSql, weekNumberSql } from '../outliers/outlier-weeks.ts';
import { countStates } from './arrival-status.ts';
import { isMissing, readFileStates } from './file-states.ts';
import type { DayRange } from './file-states.ts';

const dayOrNull = z.string().nullable();

/** What of the votes is there: days, weeks, the gaps between them, and the files that are expected. */
export async function readCoverage(
  warehouse: DuckDbWarehouse,
  options: {
    readonly plan: ArrivalPlan | undefined;
    readonly now: Date;
    readonly range: DayRange;
  },
): Promise<VotesCoverage> {
  const { plan, now, range } = options;
  const { from = '0001-01-01', to = '9999-12-31' } = range;
  await warehouse.run(
    `create or replace temp table covered_days as
     select day, votes from (${dailyVotesSql}) where day between $1::date and $2::date`,
    [from, to],
  );
  const files =
    plan === undefined
      ? []
      : await readFileStates(warehouse, new FileCalendar(plan), { now, range });
  return {
    at: now.toISOString(),
    outcome: files.some(isMissing) ? 'short' : 'complete',
    days: await readDays(warehouse),
    weeks: await readWeeks(warehouse),
    arrivals: plan === undefined ? null : { file: plan.file, byState: countStates(files) },
    files,
  };
}

async function readDays(warehouse: DuckDbWarehouse): Promise<VotesCoverage['days']> {
  const days = await warehouse.row(
    z.object({ first: dayOrNull, last: dayOrNull, observed: z.int(), missing: z.int() }),
    `select strftime(min(day), '%Y-%m-%d') as first, strftime(max(day), '%Y-%m-%d') as last,
            count(*) as observed, coalesce(max(day) - min(day) + 1 - count(*), 0) as missing
       from covered_days`,
  );
  const gaps = await warehouse.rows(
    z.object({ first: z.string(), last: z.string(), days: z.int() }),
    `select strftime(day + 1, '%Y-%m-%d') as first, strftime(next - 1, '%Y-%m-%d') as last,
            next - day - 1 as days
       from (select day, lead(day) over (order by day) as next from covered_days)
      where next - day > 1 order by day`,
  );
  return { ...days, gaps };
}

async function readWeeks(warehouse: DuckDbWarehouse): Promise<VotesCoverage['weeks']> {
  const weeks = await warehouse.rows(
    z.object({ year: z.int(), week: z.int() }),
    `select Year as year, WeekNumber as week from (${weeklyVotesSql('covered_days')})
      order by year, week`,
  );
  const { expected } = await warehouse.row(
    z.object({ expected: z.int() }),
    `select count(distinct (year(day), ${weekNumberSql('day')})) as expected
       from (select unnest(generate_series(min(day), max(day), interval 1 day))::date as day
               from covered_days)`,
  );
  return {
    first: weeks.at(0) ?? null,
    last: weeks.at(-1) ?? null,
    observed: weeks.length,
    missing: expected - weeks.length,
  };
}
