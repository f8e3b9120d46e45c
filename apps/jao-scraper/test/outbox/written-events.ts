import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

const writtenEvent = z.object({
  type: z.string(),
  day: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** The events of the outbox in the order in which they are delivered. */
export async function writtenEvents(db: Queryable): Promise<z.infer<typeof writtenEvent>[]> {
  return db.rows(
    writtenEvent,
    'select type, business_day as day, data from ops.outbox order by event_id',
  );
}

/** The types of the events of the outbox, in their order. */
export async function writtenTypes(db: Queryable): Promise<string[]> {
  return (await writtenEvents(db)).map(({ type }) => type);
}
