import { attemptOutcomes, attemptOutcomeSchema, isSuccess } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { DayWritten } from './write-day.ts';

/** With these a transaction ended that was about the day, and let its claim go. */
const outcomesOfStoring = attemptOutcomes.filter(
  (outcome) => isSuccess(outcome) || outcome === 'failed_check',
);

const attemptRow = z.object({
  outcome: attemptOutcomeSchema.exclude(['running']),
  read: z.number(),
  added: z.number(),
  revised: z.number(),
  withdrawn: z.number(),
  unchanged: z.number(),
  duplicate: z.number(),
  quarantined: z.number(),
  finished: z.boolean(),
  error: z.string().nullable(),
});

/** What the transaction of an attempt has stored, as it is on record; undefined where it has not. */
export async function readWritten(
  db: Queryable,
  attemptId: number,
): Promise<DayWritten | undefined> {
  const [row] = await db.rows(
    attemptRow,
    `select a.outcome, a.read, a.added, a.revised, a.withdrawn, a.unchanged, a.duplicate, a.quarantined, a.error,
       coalesce(dd.finished and a.outcome <> 'failed_check', false) as finished
     from ops.attempt a
     join jao.dataset d on d.region || '/' || d.dataset = a.dataset
     left join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = a.business_day
     where a.attempt_id = $1 and a.outcome = any($2::text[])`,
    [attemptId, outcomesOfStoring],
  );
  if (row === undefined) {
    return undefined;
  }
  const { finished: isFinished, error, ...counts } = row;
  return {
    ...counts,
    isFinished,
    // Not on record, and making the view anew does no harm.
    hasNewKeys: true,
    newDrift: [],
    notes: [],
    ...(row.outcome === 'failed_check' ? { refusal: error ?? '' } : {}),
  };
}
