import type { ProfileReport } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { dailyVotesSql, weekNumberSql, weeklyVotesSql } from '../outliers/outlier-weeks.ts';

const text = z.string().nullable();

/** What the table of votes holds, and what it lacks. */
export async function profileVotes(warehouse: DuckDbWarehouse): Promise<ProfileReport> {
  // One pass over the votes serves all that follows; a table of the connection alone, as the file
  // is open for reading.
  await warehouse.run(`create temp table daily_votes as ${dailyVotesSql()}`);
  return {
    ...(await summarize(warehouse)),
    days: await profileDays(warehouse),
    weeks: await profileWeeks(warehouse),
    voteTypes: await readVoteTypes(warehouse),
  };
}

async function summarize(
  warehouse: DuckDbWarehouse,
): Promise<Pick<ProfileReport, 'rows' | 'columns'>> {
  const columns = await warehouse.rows(
    z.object({
      name: z.string(),
      type: z.string(),
      min: text,
      max: text,
      approximateDistinct: z.int(),
      average: text,
      standardDeviation: text,
      q25: text,
      q50: text,
      q75: text,
      nullPercentage: z.number().nullable(),
    }),
    `select column_name as name, column_type as type, "min", "max",
            approx_unique as approximateDistinct, "avg" as average, std as standardDeviation,
            q25, q50, q75, null_percentage as nullPercentage
       from (summarize blog_analysis.votes)`,
  );
  const { rows } = await warehouse.row(
    z.object({ rows: z.int() }),
    'select count(*) as rows from blog_analysis.votes',
  );
  return { rows, columns };
}

async function profileDays(warehouse: DuckDbWarehouse): Promise<ProfileReport['days']> {
  return warehouse.row(
    z.object({ first: text, last: text, observed: z.int(), missing: z.int() }),
    `select strftime(min(day), '%Y-%m-%d') as first, strftime(max(day), '%Y-%m-%d') as last,
            count(*) as observed,
            coalesce(max(day) - min(day) + 1 - count(*), 0) as missing
       from daily_votes`,
  );
}

const gapSchema = z
  .object({
    firstYear: z.int(),
    firstWeek: z.int(),
    lastYear: z.int(),
    lastWeek: z.int(),
    weeks: z.int(),
  })
  .transform((gap) => ({
    first: { year: gap.firstYear, week: gap.firstWeek },
    last: { year: gap.lastYear, week: gap.lastWeek },
    weeks: gap.weeks,
  }));

async function profileWeeks(warehouse: DuckDbWarehouse): Promise<ProfileReport['weeks']> {
  const observed = await warehouse.rows(
    z.object({ year: z.int(), week: z.int() }),
    `select Year as year, WeekNumber as week from (${weeklyVotesSql('daily_votes')})
      order by year, week`,
  );
  const missing = await warehouse.rows(
    gapSchema,
    `with observed as (${weeklyVotesSql('daily_votes')}),
          calendar as (
            select year(day) as Year, ${weekNumberSql('day')} as WeekNumber,
                   row_number() over (order by min(day)) as position
              from (select unnest(generate_series(min(day), max(day), interval 1 day))::date as day
                      from daily_votes)
             group by Year, WeekNumber),
          missing as (
            select *, position - row_number() over (order by position) as gap
              from calendar anti join observed using (Year, WeekNumber))
     select arg_min(Year, position) as firstYear, arg_min(WeekNumber, position) as firstWeek,
            arg_max(Year, position) as lastYear, arg_max(WeekNumber, position) as lastWeek,
            count(*) as weeks
       from missing group by gap order by gap`,
  );
  return {
    first: observed.at(0) ?? null,
    last: observed.at(-1) ?? null,
    observed: observed.length,
    missing,
  };
}

async function readVoteTypes(warehouse: DuckDbWarehouse): Promise<ProfileReport['voteTypes']> {
  return warehouse.rows(
    z.object({ id: z.int(), name: text, votes: z.int() }),
    `select VoteTypeId as id, Name as name, votes
       from (select VoteTypeId, count(*) as votes from blog_analysis.votes group by VoteTypeId)
       left join blog_analysis.vote_types using (VoteTypeId)
      order by id`,
  );
}
