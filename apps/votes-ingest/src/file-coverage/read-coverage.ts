import { completenessOf } from '@sluice/schemas';
import type { ArrivalPlan, CoveredFile, VotesCoverage } from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { dailyVotesSql, weeklyVotesSql, weekNumberSql } from '../outliers/outlier-weeks.ts';
import { countStates } from './arrival-status.ts';
import { datesAsOfSql } from './dates-as-of.ts';
import { actionsOfFile } from './file-actions.ts';
import type { FileActions } from './file-actions.ts';
import { readFileStates } from './file-states.ts';
import type { DayRange } from './file-states.ts';

const dayOrNull = z.string().nullable();

/** What coverage is asked for. */
export interface CoverageQuestion {
  readonly plan: ArrivalPlan | undefined;
  readonly actions: FileActions;
  readonly now: Date;
  /** @default now */
  readonly asOf: Date | undefined;
  readonly range: DayRange;
}

/** What of the votes is there: days, weeks, the gaps between them, and the files that are expected. */
export async function readCoverage(
  warehouse: DuckDbWarehouse,
  question: CoverageQuestion,
): Promise<VotesCoverage> {
  const { plan, now, asOf } = question;
  await coverDays(warehouse, question);
  const files = await readCoveredFiles(warehouse, question);
  const byState = countStates(files);
  const dueAfter = await countDueAfter(warehouse, question);
  return {
    at: (asOf ?? now).toISOString(),
    outcome: files.some(({ actions }) => actions.includes('alert')) ? 'short' : 'complete',
    days: { ...(await readDays(warehouse)), dueAfter: dueAfter?.days ?? null },
    weeks: { ...(await readWeeks(warehouse)), dueAfter: dueAfter?.weeks ?? null },
    arrivals:
      plan === undefined
        ? null
        : { file: plan.file, byState, ...completenessOf(new Map(Object.entries(byState))) },
    files,
  };
}

/** The files that are expected, with their states and what follows from them; none without a plan. */
export async function readCoveredFiles(
  warehouse: DuckDbWarehouse,
  { plan, actions, now, asOf, range }: CoverageQuestion,
): Promise<CoveredFile[]> {
  if (plan === undefined) {
    return [];
  }
  const files = await readFileStates(warehouse, new FileCalendar(plan), { now, asOf, range });
  return files.map((file) => ({ ...file, actions: [...actionsOfFile(actions, file)] }));
}

/** Makes `covered_days`: one row for each day with votes. */
async function coverDays(
  warehouse: DuckDbWarehouse,
  { asOf, range }: Pick<CoverageQuestion, 'asOf' | 'range'>,
): Promise<void> {
  const { from = '0001-01-01', to = '9999-12-31' } = range;
  const daily = asOf === undefined ? dailyVotesSql() : dailyVotesSql(datesAsOfSql('$3'));
  await warehouse.run(
    `create or replace temp table covered_days as
     select day, votes from (${daily}) where day between $1::date and $2::date`,
    [from, to, ...(asOf === undefined ? [] : [asOf.toISOString()])],
  );
}

/** What is due after the last day with votes: it is in no gap, and has none either. */
async function countDueAfter(
  warehouse: DuckDbWarehouse,
  { plan, now, asOf, range }: CoverageQuestion,
): Promise<{ readonly days: number; readonly weeks: number } | undefined> {
  if (plan === undefined) {
    return undefined;
  }
  const { from = '', to = '9999-12-31' } = range;
  const due = [...new FileCalendar(plan).days().dueSlotsMs((asOf ?? now).getTime())]
    .map((ms) => new Date(ms).toISOString().slice(0, 10))
    .filter((day) => day >= from && day <= to);
  const weekOf = `year(day) as year, ${weekNumberSql('day')} as week`;
  return warehouse.row(
    z.object({ days: z.int(), weeks: z.int() }),
    `with due as (select unnest(from_json($1::json, '["DATE"]')) as day),
          late as (from due where day > coalesce((select max(day) from covered_days), date '0001-01-01'))
     select (select count(*) from late) as days,
            (select count(*) from (select ${weekOf} from late
                                   except select ${weekOf} from covered_days)) as weeks`,
    [JSON.stringify(due)],
  );
}

async function readDays(
  warehouse: DuckDbWarehouse,
): Promise<Omit<VotesCoverage['days'], 'dueAfter'>> {
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

async function readWeeks(
  warehouse: DuckDbWarehouse,
): Promise<Omit<VotesCoverage['weeks'], 'dueAfter'>> {
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
