import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { relationExists } from './relation-exists.ts';
import { deliveryOf } from './report-question.ts';
import type { ReportQuestion } from './report-question.ts';

const maxAbsences = 100;

const absenceSchema = z.object({
  dataset: z.string(),
  keys: z.array(z.string()).nullable(),
  periodStart: z.date(),
  periodEnd: z.date(),
  reason: z.string(),
  evidence: z.string().nullable(),
  recordedBy: z.string().nullable(),
  recordedAt: z.date(),
});

/** An absence on record that held at that time. */
export type AbsenceFact = z.infer<typeof absenceSchema>;

/** What the datasets' sources are known not to have in these days, newest first. */
export async function readAbsences(
  tx: PostgresTransaction,
  questions: readonly ReportQuestion[],
): Promise<AbsenceFact[]> {
  if (!(await relationExists(tx, 'absence'))) {
    return [];
  }
  const absences: AbsenceFact[] = [];
  for (const question of questions) {
    const { start, end } = deliveryOf(question);
    absences.push(
      ...(await tx.rows(
        absenceSchema,
        `select region || '/' || dataset as dataset, keys, period_start as "periodStart",
           period_end as "periodEnd", reason, evidence, recorded_by as "recordedBy", known_from as "recordedAt"
         from jao.absence
         where region = $1 and dataset = $2 and known_from <= $3 and (withdrawn_at is null or withdrawn_at > $3)
           and period_start < $5 and period_end > $4
         order by known_from desc limit ${String(maxAbsences)}`,
        [question.contract.region, question.contract.dataset, question.asOf, start, end],
      )),
    );
  }
  return absences;
}
