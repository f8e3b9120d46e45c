import { quoteLiteral } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** One week's votes; the names are those of the view's columns. */
export const weekVotesSchema = z.object({
  Year: z.int(),
  WeekNumber: z.int(),
  VoteCount: z.int(),
});

/** One week's votes; see {@link weekVotesSchema}. */
export type WeekVotes = z.infer<typeof weekVotesSchema>;

/** The names of the view's columns, in order. */
export const weekVotesColumns = ['Year', 'WeekNumber', 'VoteCount'] as const;

const viewComment =
  'Weeks whose votes differ from the mean of all weeks with votes by more than 20 %, sorted.';
const columnComments: Readonly<Record<(typeof weekVotesColumns)[number], string>> = {
  Year: 'Calendar year; the week that spans two years is counted in each with its own days.',
  WeekNumber: 'Weeks start on Monday; days before the first Monday of the year are week 0.',
  VoteCount: 'Votes of all types in that week.',
};

/** The week number of a day: 1 begins on the year's first Monday, as in C's `%W`. */
export function weekNumberSql(day: string): string {
  return `(dayofyear(${day}) + 7 - isodow(${day})) // 7`;
}

/**
 * One row per day with votes: `day`, `votes`. A vote without a finite date is in no week. The votes are
 * those of a relation that has their `CreationDate`.
 */
export function dailyVotesSql(votes = 'blog_analysis.votes'): string {
  return `
  select day, votes
    from (select CreationDate::date as day, count(*) as votes from ${votes} group by day)
   where isfinite(day)`;
}

/** One row per week with votes, out of a relation of one row per day: there are few of those. */
export function weeklyVotesSql(daily = `(${dailyVotesSql()})`): string {
  return `
  select year(day)::integer as Year,
         (${weekNumberSql('day')})::integer as WeekNumber,
         sum(votes)::bigint as VoteCount
    from ${daily}
   group by all`;
}

/** How far off the mean is too far. */
export const outlierTolerance = 0.2;

/**
 * One row per week with votes, with `isOutlier`: whether it differs from the mean, |n - S/K| > S/K * 20 %,
 * in integers, as in doubles a week at exactly 20 % would; and `mean`, S/K. K weeks, S votes in all.
 */
export function judgedWeeksSql(daily?: string): string {
  return `
  with week as materialized (${weeklyVotesSql(daily)}),
       total as (select count(*)::hugeint as K, sum(VoteCount)::hugeint as S from week)
  select Year, WeekNumber, VoteCount, 5 * abs(VoteCount * K - S) > S as isOutlier, S / K as mean
    from week, total`;
}

/** The weeks that differ from the mean by more than 20 %. */
export const outlierWeeksSql = `
  select Year, WeekNumber, VoteCount from (${judgedWeeksSql()}) where isOutlier
   order by Year, WeekNumber`;

/** Creates the view, or replaces it. */
export async function createOutlierWeeks(warehouse: DuckDbWarehouse): Promise<void> {
  await warehouse.transaction(async () => {
    await warehouse.run(
      `create or replace view blog_analysis.outlier_weeks (${weekVotesColumns.join(', ')}) as
       ${outlierWeeksSql}`,
    );
    await warehouse.run(
      `comment on view blog_analysis.outlier_weeks is ${quoteLiteral(viewComment)}`,
    );
    for (const column of weekVotesColumns) {
      await warehouse.run(
        `comment on column blog_analysis.outlier_weeks.${column}
              is ${quoteLiteral(columnComments[column])}`,
      );
    }
  });
}

/** Creates the view where it is missing. */
export async function createOutlierWeeksOnce(warehouse: DuckDbWarehouse): Promise<void> {
  const { views } = await warehouse.row(
    z.object({ views: z.int() }),
    `select count(*) as views from duckdb_views()
      where schema_name = 'blog_analysis' and view_name = 'outlier_weeks'`,
  );
  if (views === 0) {
    await createOutlierWeeks(warehouse);
  }
}

/** What the view shows, sorted. */
export async function readOutlierWeeks(warehouse: DuckDbWarehouse): Promise<WeekVotes[]> {
  return warehouse.rows(
    weekVotesSchema,
    `select Year, WeekNumber, VoteCount from blog_analysis.outlier_weeks order by Year, WeekNumber`,
  );
}

/** All weeks with votes, sorted. */
export async function readWeeklyVotes(warehouse: DuckDbWarehouse): Promise<WeekVotes[]> {
  return warehouse.rows(weekVotesSchema, `${weeklyVotesSql()} order by Year, WeekNumber`);
}

/** A week as people read it: `2021-W35`. */
export function weekLabel({ Year, WeekNumber }: Omit<WeekVotes, 'VoteCount'>): string {
  return `${String(Year).padStart(4, '0')}-W${String(WeekNumber).padStart(2, '0')}`;
}
