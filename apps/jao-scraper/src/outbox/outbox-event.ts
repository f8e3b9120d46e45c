import { jaoEventSource, jaoEventTypePrefix, jaoEventTypes } from '@sluice/schemas/jao';
import { z } from 'zod';

/** What is read of an event to deliver it; for {@link outboxEventRow}. */
export const outboxEventColumns = `o.event_id as "eventId", o.id, o.type, o.dataset, o.business_day as "businessDay",
  o.occurred_at as "occurredAt", o.data`;

/** An event as it was written. */
export const outboxEventRow = z.object({
  eventId: z.number(),
  id: z.uuid(),
  type: z.enum(jaoEventTypes),
  dataset: z.string(),
  businessDay: z.string(),
  occurredAt: z.date(),
  data: z.record(z.string(), z.unknown()),
});

/** An event of the outbox; see {@link outboxEventRow}. */
export type OutboxEvent = z.infer<typeof outboxEventRow>;

/** What receivers get of an event, the same bytes each time: `jaoEventSchema`, as JSON. */
export function bodyOfEvent(event: OutboxEvent): string {
  const [region = '', dataset = ''] = event.dataset.split('/');
  return JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: jaoEventSource,
    type: `${jaoEventTypePrefix}${event.type}`,
    subject: `${event.dataset}/${event.businessDay}`,
    time: event.occurredAt.toISOString(),
    sequence: String(event.eventId),
    datacontenttype: 'application/json',
    data: { region, dataset, businessDay: event.businessDay, ...event.data },
  });
}
