import { checkOutcomes } from '@sluice/schemas/expectations';
import type { CheckOutcome } from '@sluice/schemas/expectations';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { endsOf } from './report-question.ts';
import type { ReportQuestion } from './report-question.ts';

/** Results of a check that its trend is drawn of. */
const trendPoints = 60;

const newestSchema = z.object({
  dataset: z.string(),
  checkId: z.string(),
  outcome: z.enum(checkOutcomes),
  observed: z.string().nullable(),
  expected: z.string(),
  failing: z.int().nullable(),
  message: z.string(),
  checkedAt: z.date(),
});

const pointSchema = z.object({
  dataset: z.string(),
  checkId: z.string(),
  at: z.date(),
  value: z.number(),
  outcome: z.enum(checkOutcomes),
});

/** The newest result of a check of a dataset, and its trend. */
export interface CheckHistory extends z.infer<typeof newestSchema> {
  /** Oldest first. */
  readonly trend: readonly {
    readonly at: Date;
    readonly value: number;
    readonly outcome: CheckOutcome;
  }[];
}

/** The newest result of each check about just these days, as they were known. */
const results = `
  select distinct on (dataset, check_id, period_from, period_to)
    r.region || '/' || r.dataset as dataset, check_id, outcome, observed, expected, failing, message,
    coalesce(value, failing) as value, period_from, period_to, checked_at
  from jao.check_result r
  join unnest($1::text[], $2::date[], $3::date[]) as asked (name, first_day, last_day)
    on asked.name = r.region || '/' || r.dataset
  where checked_at <= $4 and (period_from is null or (period_from <= last_day and period_to >= first_day))
  order by dataset, check_id, period_from, period_to, checked_at desc`;

/** Every check of the datasets, with the worst of what it found of the days asked for. */
export async function readCheckHistory(
  tx: PostgresTransaction,
  questions: readonly ReportQuestion[],
): Promise<CheckHistory[]> {
  const [first] = questions;
  if (first === undefined) {
    return [];
  }
  const ends = questions.map(endsOf);
  const values = [
    questions.map(({ contract }) => contract.name),
    ends.map(({ from }) => from),
    ends.map(({ to }) => to),
    first.asOf,
  ];
  const newest = await tx.rows(
    newestSchema,
    `with known as (${results})
     select distinct on (dataset, check_id) dataset, check_id as "checkId", outcome, observed, expected, failing,
       message, checked_at as "checkedAt"
     from known
     -- What did not pass is outdated by a later result about all of its days. Of what passed, the newest comes first.
     where outcome in ('passed', 'skipped') or not exists (
       select from known later
       where later.dataset = known.dataset and later.check_id = known.check_id
         and later.checked_at > known.checked_at
         and later.period_from <= known.period_from and later.period_to >= known.period_to
     )
     order by dataset, check_id, array_position('{error,failed,warned,passed,skipped}', outcome),
       period_to desc, checked_at desc`,
    values,
  );
  const points = await tx.rows(
    pointSchema,
    `select dataset, check_id as "checkId", coalesce(period_to::timestamptz, checked_at) as at, value, outcome
     from (
       select known.*, row_number() over (
         partition by dataset, check_id order by period_to desc, checked_at desc
       ) as position
       from (${results}) known where value between -1e300 and 1e300
     ) newest
     where position <= ${String(trendPoints)} order by position desc`,
    values,
  );
  return newest.map((check) => ({
    ...check,
    trend: points.filter(
      ({ dataset, checkId }) => dataset === check.dataset && checkId === check.checkId,
    ),
  }));
}
