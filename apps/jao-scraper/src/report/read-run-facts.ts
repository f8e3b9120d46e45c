import { runOutcomes } from '@sluice/schemas';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { ReportQuestion } from './report-question.ts';

/** What a page shows of runs; of older ones it says how many there are. */
const newestRuns = 50;

const runSchema = z.object({
  runId: z.string(),
  command: z.string(),
  dataset: z.string().nullable(),
  outcome: z.enum(runOutcomes),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  error: z.string().nullable(),
  read: z.int(),
  accepted: z.int(),
  quarantined: z.int(),
  total: z.int(),
});

/** The newest runs, as they were known. */
export interface RunFacts {
  /** Newest first. */
  readonly runs: readonly z.infer<typeof runSchema>[];
  readonly total: number;
}

/** Runs of this app, also of other datasets: one run may be about several. */
export async function readRunFacts(
  tx: PostgresTransaction,
  [question]: readonly ReportQuestion[],
): Promise<RunFacts> {
  const runs = await tx.rows(
    runSchema,
    `select run_id::text as "runId", command, dataset, started_at as "startedAt",
       case when ended_at <= $1 then ended_at end as "endedAt",
       case when ended_at <= $1 then outcome else 'running' end as outcome,
       case when ended_at <= $1 then error end as error,
       read, accepted, quarantined, count(*) over () as total
     from ops.run
     where app = 'jao-scraper' and started_at <= $1
     order by started_at desc, run_id desc limit $2`,
    [question?.asOf ?? 'infinity', newestRuns],
  );
  return { runs, total: runs[0]?.total ?? 0 };
}
