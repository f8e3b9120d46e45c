import type { CheckResult, RunReport } from '@sluice/schemas';
import { readRuns } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { readCoveredFiles } from '../file-coverage/read-coverage.ts';
import type { CoverageQuestion } from '../file-coverage/read-coverage.ts';
import { dailyVotesSql, judgedWeeksSql } from '../outliers/outlier-weeks.ts';
import { runLedgerChecks } from '../warehouse/status.ts';
import type { ArrivalFacts } from './describe-arrivals.ts';
import { readCheckHistory } from './read-check-history.ts';
import type { CheckHistory } from './read-check-history.ts';
import { readQuarantineFacts } from './read-quarantine-facts.ts';
import type { QuarantineFacts } from './read-quarantine-facts.ts';

/** What a page shows of runs; of older ones it says how many there are. */
const newestRuns = 50;
/** Errors of more files than these nobody reads on a page. */
const filesPerRun = 200;
/** Five years. */
const newestWeeks = 261;
/** Gaps that a page lists. */
const maxGaps = 50;
/** Three years, as whole months. */
const newestMonths = 36;

/** All that the report of a warehouse is made of. */
export interface VotesFacts {
  /** Newest first. */
  readonly runs: readonly RunReport[];
  readonly totalRuns: number;
  /** Files that were refused, and have not come again and been ingested since, by path. */
  readonly refusedFiles: readonly string[];
  readonly votes: number;
  readonly days: DayFacts;
  /** Undefined where no files are expected. */
  readonly arrivals: ArrivalFacts | undefined;
  readonly weeks: WeekFacts;
  readonly ledgerChecks: readonly CheckResult[];
  readonly checks: readonly CheckHistory[];
  readonly quarantine: QuarantineFacts;
}

/** Which days have votes. */
export interface DayFacts {
  /** `YYYY-MM-DD`; null where there are no votes. */
  readonly first: string | null;
  readonly last: string | null;
  readonly observed: number;
  /** Days without votes between the first and the last. */
  readonly missing: number;
  /** Of the newest months, the days that have votes, ascending. */
  readonly recent: readonly string[];
  /** The first day of the newest months. */
  readonly recentFrom: string | null;
  /** Runs of days without votes, the longest first. */
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly days: number }[];
  readonly totalGaps: number;
}

/** Votes by week. */
export interface WeekFacts {
  /** Ascending, weeks without votes left out. */
  readonly weeks: readonly JudgedWeek[];
  /** Weeks that have votes, in all. */
  readonly total: number;
  readonly outliers: number;
  readonly mean: number;
}

/** One week, and whether it is an outlier among all weeks. */
export type JudgedWeek = z.infer<typeof weekSchema>;

const weekSchema = z.object({
  Year: z.int(),
  WeekNumber: z.int(),
  VoteCount: z.int(),
  isOutlier: z.boolean(),
  mean: z.number(),
});

/** Reads what the report needs, all in one opening of the warehouse. */
export async function readVotesFacts(
  warehouse: DuckDbWarehouse,
  expected: Pick<CoverageQuestion, 'plan' | 'actions' | 'now'>,
): Promise<VotesFacts> {
  // One pass over the votes serves days and weeks; a table of the connection alone, as the file is
  // open for reading.
  await warehouse.run(`create temp table daily_votes as ${dailyVotesSql()}`);
  return {
    runs: await readRuns(warehouse, {
      limit: newestRuns,
      filesPerRun,
      driftPerRun: Number.MAX_SAFE_INTEGER,
    }),
    totalRuns: await count(warehouse, 'ops.run'),
    refusedFiles: await readRefusedFiles(warehouse),
    votes: await count(warehouse, 'blog_analysis.votes'),
    days: await readDays(warehouse),
    arrivals: expected.plan && {
      file: expected.plan.file,
      files: await readCoveredFiles(warehouse, { ...expected, asOf: undefined, range: {} }),
    },
    weeks: await readWeeks(warehouse),
    ledgerChecks: await runLedgerChecks(warehouse),
    checks: await readCheckHistory(warehouse),
    quarantine: await readQuarantineFacts(warehouse),
  };
}

async function count(
  warehouse: DuckDbWarehouse,
  relation: 'ops.run' | 'blog_analysis.votes',
): Promise<number> {
  const { rows } = await warehouse.row(
    z.object({ rows: z.int() }),
    `select count(*) as rows from ${relation}`,
  );
  return rows;
}

async function readRefusedFiles(warehouse: DuckDbWarehouse): Promise<string[]> {
  const rows = await warehouse.rows(
    z.object({ path: z.string() }),
    `select path from ops.file as refused
      where outcome = 'refused' and not exists (
        select 1 from ops.file as later
         where later.file_id > refused.file_id and later.path = refused.path
           and later.outcome in ('ingested', 'already_ingested'))
      group by path order by max(file_id) desc`,
  );
  return rows.map(({ path }) => path);
}

const day = (expression: string): string => `strftime(${expression}, '%Y-%m-%d')`;
const text = z.string().nullable();

async function readDays(warehouse: DuckDbWarehouse): Promise<DayFacts> {
  const ends = await warehouse.row(
    z.object({ first: text, last: text, recentFrom: text, observed: z.int(), missing: z.int() }),
    `select ${day('min(day)')} as first, ${day('max(day)')} as last,
            ${day(`greatest(min(day), (date_trunc('month', max(day)) - interval ${newestMonths - 1} month)::date)`)}
              as recentFrom,
            count(*) as observed, coalesce(max(day) - min(day) + 1 - count(*), 0) as missing
       from daily_votes`,
  );
  const recent = await warehouse.rows(
    z.object({ day: z.string() }),
    `select ${day('day')} as day from daily_votes where day >= $1::date order by daily_votes.day`,
    [ends.recentFrom],
  );
  const gaps = await warehouse.rows(
    z.object({ from: z.string(), to: z.string(), days: z.int(), total: z.int() }),
    `select ${day('previous + 1')} as "from", ${day('day - 1')} as "to", day - previous - 1 as days,
            count(*) over () as total
       from (select day, lag(day) over (order by day) as previous from daily_votes)
      where day - previous > 1 order by days desc, day desc limit ${maxGaps}`,
  );
  return {
    ...ends,
    recent: recent.map((row) => row.day),
    gaps: gaps.map(({ from, to, days }) => ({ from, to, days })),
    totalGaps: gaps[0]?.total ?? 0,
  };
}

async function readWeeks(warehouse: DuckDbWarehouse): Promise<WeekFacts> {
  const weeks = await warehouse.rows(
    weekSchema,
    `${judgedWeeksSql('daily_votes')} order by Year desc, WeekNumber desc limit ${newestWeeks}`,
  );
  const totals = await warehouse.row(
    z.object({ total: z.int(), outliers: z.int() }),
    `select count(*) as total, count(*) filter (isOutlier) as outliers
       from (${judgedWeeksSql('daily_votes')})`,
  );
  return { ...totals, weeks: weeks.toReversed(), mean: weeks[0]?.mean ?? 0 };
}
