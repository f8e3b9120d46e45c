import type { CellValue } from '@sluice/command-line';
import { jaoEventTypes, outboxStates } from '@sluice/schemas/jao';
import { z } from 'zod';

import { columnsNamed } from '../reading/print-rows.ts';

/** An event of the outbox, and what became of it. */
export const outboxEntryRow = z.object({
  event_id: z.number(),
  id: z.uuid(),
  type: z.enum(jaoEventTypes),
  dataset: z.string(),
  business_day: z.string(),
  occurred_at: z.date(),
  state: z.enum(outboxStates),
  tries: z.number(),
  next_try_at: z.date().nullable(),
  last_tried_at: z.date().nullable(),
  last_status: z.number().nullable(),
  last_failure: z.string().nullable(),
  settled_at: z.date().nullable(),
});

/** See {@link outboxEntryRow}. */
export type OutboxEntryRow = z.infer<typeof outboxEntryRow>;

const names = Object.keys(outboxEntryRow.shape);

/** The columns of an {@link outboxEntryRow} of `ops.outbox o`, for SQL. */
export const outboxEntryColumns = names
  .map((name) =>
    name === 'next_try_at'
      ? `case when o.state = 'pending' then o.next_try_at end as next_try_at`
      : `o.${name}`,
  )
  .join(', ');

/** The same, for printing. */
export const printedOutboxColumns = columnsNamed(names);

/** What is printed of an event, in the order of the columns; instants as ISO 8601, UTC. */
export function outboxEntryCells(row: OutboxEntryRow): CellValue[] {
  return Object.values(row).map((value) => (value instanceof Date ? value.toISOString() : value));
}
