import { checkOutcomes } from '@sluice/schemas/expectations';
import type { CheckOutcome } from '@sluice/schemas/expectations';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

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

const results = `
  select region || '/' || dataset as dataset, check_id, run_id, outcome, observed, expected, failing, message,
    coalesce(value, failing) as value, checked_at
  from jao.check_result
  where region || '/' || dataset = any($1::text[]) and checked_at <= $2`;

/**
 * Every check of the datasets, with what its newest run found: where that looked at several days, the
 * worst of it.
 */
export async function readCheckHistory(
  tx: PostgresTransaction,
  questions: readonly ReportQuestion[],
): Promise<CheckHistory[]> {
  const [first] = questions;
  if (first === undefined) {
    return [];
  }
  const values = [questions.map(({ contract }) => contract.name), first.asOf];
  const newest = await tx.rows(
    newestSchema,
    `select distinct on (dataset, check_id) dataset, check_id as "checkId", outcome, observed, expected, failing,
       message, checked_at as "checkedAt"
     from (
       select r.*, first_value(run_id) over (partition by dataset, check_id order by checked_at desc) as newest_run_id
       from (${results}) r
     ) judged
     where run_id = newest_run_id
     order by dataset, check_id, array_position('{error,failed,warned,skipped,passed}', outcome), checked_at desc`,
    values,
  );
  const points = await tx.rows(
    pointSchema,
    `select dataset, check_id as "checkId", checked_at as at, value, outcome
     from (
       select r.*, row_number() over (partition by dataset, check_id order by checked_at desc) as position
       from (${results}) r where value is not null and value between -1e300 and 1e300
     ) newest
     where position <= ${String(trendPoints)} order by checked_at`,
    values,
  );
  return newest.map((check) => ({
    ...check,
    trend: points.filter(
      ({ dataset, checkId }) => dataset === check.dataset && checkId === check.checkId,
    ),
  }));
}
