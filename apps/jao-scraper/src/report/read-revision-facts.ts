import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { deliveryOf } from './report-question.ts';
import type { ReportQuestion } from './report-question.ts';

const newestRevisions = 20;
/** Days of a chart. */
const newestDays = 92;

const daySchema = z.object({ day: z.string(), changed: z.int(), withdrawn: z.int() });

const revisionSchema = z.object({
  key: z.string(),
  deliveryStart: z.date(),
  oldValue: z.number().nullable(),
  newValue: z.number().nullable(),
  withdrawn: z.boolean(),
  knownFrom: z.date(),
});

/** What changed after it was first known. */
export interface RevisionFacts {
  readonly total: number;
  /** By the UTC day on which it was learned, ascending; only days that have any, and the newest of them. */
  readonly days: readonly z.infer<typeof daySchema>[];
  /** Newest first. */
  readonly newest: readonly z.infer<typeof revisionSchema>[];
}

const changes = `jao.revision
  where region = $1 and dataset = $2 and known_from <= $3 and delivery_start >= $4 and delivery_start < $5`;

/** The changes of the days of a dataset that were known at that time. */
export async function readRevisionFacts(
  tx: PostgresTransaction,
  question: ReportQuestion,
): Promise<RevisionFacts> {
  const { start, end } = deliveryOf(question);
  const { region, dataset } = question.contract;
  const values = [region, dataset, question.asOf, start, end];
  const days = await tx.rows(
    daySchema,
    `select (known_from at time zone 'UTC')::date as day, count(*) as changed,
       count(*) filter (where withdrawn) as withdrawn
     from ${changes} group by 1 order by 1`,
    values,
  );
  const newest =
    days.length === 0
      ? []
      : await tx.rows(
          revisionSchema,
          `select key, delivery_start as "deliveryStart", old_value as "oldValue", new_value as "newValue",
             withdrawn, known_from as "knownFrom"
           from ${changes} order by known_from desc, key collate "C", delivery_start limit ${String(newestRevisions)}`,
          values,
        );
  return {
    total: days.reduce((sum, { changed }) => sum + changed, 0),
    days: days.slice(-newestDays),
    newest,
  };
}
