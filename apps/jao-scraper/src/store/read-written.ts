import { attemptOutcomes, attemptOutcomeSchema, isSuccess } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { DayWritten } from './write-day.ts';

const successes = attemptOutcomes.filter(isSuccess);

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
});

/** What the transaction of an attempt has stored, as it is on record; undefined where it has not. */
export async function readWritten(
  db: Queryable,
  attemptId: number,
): Promise<DayWritten | undefined> {
  const [row] = await db.rows(
    attemptRow,
    `select a.outcome, a.read, a.added, a.revised, a.withdrawn, a.unchanged, a.duplicate, a.quarantined, dd.finished
     from ops.attempt a
     join jao.dataset d on d.region || '/' || d.dataset = a.dataset
     join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = a.business_day
     where a.attempt_id = $1 and a.outcome = any($2::text[])`,
    [attemptId, successes],
  );
  return row === undefined
    ? undefined
    : {
        ...row,
        isFinished: row.finished,
        // Not on record, and making the view anew does no harm.
        hasNewKeys: true,
        newDrift: [],
        notes: [],
      };
}
