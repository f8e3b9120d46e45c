import type { CellValue } from '@sluice/command-line';
import { z } from 'zod';

import { columnsNamed } from '../reading/print-rows.ts';

/** A row of `jao.absence`. */
export const absenceSqlRow = z.object({
  absence_id: z.int(),
  region: z.string(),
  dataset: z.string(),
  keys: z.array(z.string()).nullable(),
  period_start: z.date(),
  period_end: z.date(),
  reason: z.string(),
  evidence: z.string(),
  recorded_by: z.string(),
  known_from: z.date(),
  withdrawn_at: z.date().nullable(),
  withdrawn_by: z.string().nullable(),
  withdrawal_reason: z.string().nullable(),
});

/** See {@link absenceSqlRow}. */
export type AbsenceSqlRow = z.infer<typeof absenceSqlRow>;

const names = Object.keys(absenceSqlRow.shape);

/** The columns of `jao.absence`, for SQL. */
export const absenceColumns = names.join(', ');
/** The same, for printing. */
export const printedAbsenceColumns = columnsNamed(names);

/** What is printed of an absence. */
export function absenceCells(row: AbsenceSqlRow): CellValue[] {
  return [
    row.absence_id,
    row.region,
    row.dataset,
    row.keys,
    row.period_start.toISOString(),
    row.period_end.toISOString(),
    row.reason,
    row.evidence,
    row.recorded_by,
    row.known_from.toISOString(),
    row.withdrawn_at?.toISOString() ?? null,
    row.withdrawn_by,
    row.withdrawal_reason,
  ];
}
