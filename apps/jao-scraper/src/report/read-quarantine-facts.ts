import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { endsOf } from './report-question.ts';
import type { ReportQuestion } from './report-question.ts';

/** Of each reason so many entries are shown, and in all. */
const samplesPerReason = 3;
const maxSamples = 24;
/** A page shows the beginning of a record. */
const sampleCharacters = 2_000;

const sampleSchema = z.object({
  dataset: z.string(),
  businessDay: z.string().nullable(),
  key: z.string().nullable(),
  reason: z.string(),
  message: z.string(),
  raw: z.string().nullable(),
  pointer: z.string(),
  attemptId: z.int(),
});

/** What is held back, and samples of it. */
export interface QuarantineFacts {
  readonly open: number;
  /** Most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly entries: number }[];
  /** The newest of each reason. */
  readonly samples: readonly z.infer<typeof sampleSchema>[];
}

/** The entries that were open at that time, of the datasets and days: counted, and a few of them. */
export async function readQuarantineFacts(
  tx: PostgresTransaction,
  questions: readonly ReportQuestion[],
): Promise<QuarantineFacts> {
  const [question] = questions;
  if (question === undefined) {
    return { open: 0, reasons: [], samples: [] };
  }
  const ends = questions.map(endsOf);
  const values = [
    questions.map(({ contract }) => contract.name),
    ends.map(({ from }) => from),
    ends.map(({ to }) => to),
    question.asOf,
  ];
  const entries = `
    select q.* from jao.quarantined_cell q
    join unnest($1::text[], $2::date[], $3::date[]) as asked (name, first_day, last_day) using (name)
    where (q.business_day is null or q.business_day between asked.first_day and asked.last_day)
      and q.created_at <= $4 and (q.decided_at is null or q.decided_at > $4)`;
  const reasons = await tx.rows(
    z.object({ reason: z.string(), entries: z.int() }),
    `select reason, count(*) as entries from (${entries}) open group by reason order by entries desc, reason`,
    values,
  );
  const samples = await tx.rows(
    sampleSchema,
    `select name as dataset, business_day as "businessDay", key, reason, message,
       left(raw, ${String(sampleCharacters)}) as raw, pointer, attempt_id as "attemptId"
     from (
       select open.*, row_number() over (partition by reason order by created_at desc, attempt_id desc, pointer) as position
       from (${entries}) open
     ) newest
     where position <= ${String(samplesPerReason)} order by reason, position limit ${String(maxSamples)}`,
    values,
  );
  return { open: reasons.reduce((sum, row) => sum + row.entries, 0), reasons, samples };
}
