import { attemptOutcomes, isSuccess } from '@sluice/schemas/jao';
import type { AttemptOutcome, BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from '../store/epoch-ms.ts';
import type { DayProgress } from './next-ask.ts';

const progressRow = z.object({
  business_day: z.string(),
  finished: z.boolean(),
  whole: z.boolean(),
  doubtful: z.boolean(),
  answered_ms: z.number().nullable(),
  ended_ms: z.number().nullable(),
});

const successes = attemptOutcomes.filter(isSuccess);
/** What says nothing of the day: whoever asked was sent elsewhere, stopped, died, or came too late. */
const withoutAnswer: readonly AttemptOutcome[] = ['redirected', 'cancelled', 'abandoned', 'fenced'];

/**
 * How far those of `days` have come that were ever asked for, whoever asked; `askAgain` are those that
 * are configured to be asked for again.
 */
export async function readProgress(
  db: Queryable,
  { name, region, dataset }: DatasetContract,
  days: readonly BusinessDay[],
  askAgain: ReadonlySet<BusinessDay>,
): Promise<ReadonlyMap<BusinessDay, DayProgress>> {
  const rows = await db.rows(
    progressRow,
    `select a.business_day, coalesce(bool_or(dd.finished), false) as finished,
       coalesce(bool_or(dd.whole), false) as whole,
       coalesce(bool_or(dd.doubt_hash is not null), false) as doubtful,
       ${epochMs('max(a.ended_at) filter (where a.outcome = any($6::text[]))')} as answered_ms,
       ${epochMs('max(a.ended_at) filter (where a.outcome <> all($5::text[]))')} as ended_ms
     from ops.attempt a
     left join jao.dataset d on d.region = $2 and d.dataset = $3
     left join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = a.business_day
     where a.dataset = $1 and a.business_day = any($4::date[])
     group by a.business_day`,
    [name, region, dataset, days, withoutAnswer, successes],
  );
  return new Map(
    rows.map((row) => [
      row.business_day,
      {
        isFinished: row.finished,
        isWhole: row.whole,
        isDoubtful: row.doubtful,
        isToAskAgain: askAgain.has(row.business_day),
        lastAnswerMs: row.answered_ms ?? undefined,
        lastAttemptMs: row.ended_ms ?? undefined,
      },
    ]),
  );
}
