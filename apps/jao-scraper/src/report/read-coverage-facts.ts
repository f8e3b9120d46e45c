import { coverageStates } from '@sluice/schemas/jao';
import type { BusinessDay, CoverageState } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { endsOf } from './report-question.ts';
import type { ReportQuestion } from './report-question.ts';

/** A quarter of a year: more days no calendar shows. */
const calendarDays = 92;

const partSchema = z.object({
  key: z.string().nullable(),
  businessDay: z.string(),
  state: z.enum(coverageStates),
  cells: z.int(),
  reason: z.string().nullable(),
});

/** So many cells of a series and business day are in one state, for one reason. */
export type CoveragePart = z.infer<typeof partSchema>;

/** How many cells are in which state, and of the newest days which. */
export interface CoverageFacts {
  readonly cells: ReadonlyMap<CoverageState, number>;
  /** Of all series and the newest days, by series and then by day. */
  readonly parts: readonly CoveragePart[];
  /** The days that the parts are of, ascending. */
  readonly calendar: readonly BusinessDay[];
}

const known = `jao.coverage_as_of($1) where region = $2 and dataset = $3 and business_day between $4 and $5`;

/** The states of the cells of a dataset, as they were known at that time. */
export async function readCoverageFacts(
  tx: PostgresTransaction,
  question: ReportQuestion,
): Promise<CoverageFacts> {
  const { region, dataset } = question.contract;
  const { from, to } = endsOf(question);
  const calendar = question.days.slice(-calendarDays);
  const parts: CoveragePart[] = [];
  const batches = tx.stream(
    partSchema,
    `select key, business_day as "businessDay", state, sum(cells)::int8 as cells, reason
     from (select key, business_day, state, cells, reason from ${known}) part
     group by key, business_day, state, reason order by key collate "C", business_day, state, reason`,
    [question.asOf, region, dataset, calendar[0] ?? from, to],
  );
  for await (const batch of batches) {
    parts.push(...batch);
  }
  const cells = new Map<CoverageState, number>();
  const add = ({ state, cells: more }: Pick<CoveragePart, 'state' | 'cells'>): void => {
    cells.set(state, (cells.get(state) ?? 0) + more);
  };
  parts.forEach(add);
  const earlier = question.days.at(-calendarDays - 1);
  if (earlier !== undefined) {
    const sums = await tx.rows(
      partSchema.pick({ state: true, cells: true }),
      `select state, sum(cells)::int8 as cells from ${known} group by state`,
      [question.asOf, region, dataset, from, earlier],
    );
    sums.forEach(add);
  }
  return { cells, parts, calendar };
}
