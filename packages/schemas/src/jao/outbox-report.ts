import { z } from 'zod';

import { jaoEventSchema, jaoEventTypes } from './jao-event.ts';

const count = z.int().min(0);

/** What has become of an event. */
export const outboxStates = ['pending', 'delivered', 'dead', 'discarded'] as const;

/** A member of {@link outboxStates}. */
export type OutboxState = (typeof outboxStates)[number];

/** Why an event was not delivered. */
export const deliveryFailures = [
  'dns',
  'connect',
  'tls',
  'timeout',
  'reset',
  'not_http',
  'http_3xx',
  'http_4xx',
  'http_410',
  'http_429',
  'http_5xx',
] as const;

/** A member of {@link deliveryFailures}. */
export type DeliveryFailure = (typeof deliveryFailures)[number];

/** One event of the outbox, as `jao-scraper outbox list --format json` gives it. Instants are ISO 8601, UTC. */
export const outboxEntrySchema = z.object({
  eventId: z.int().min(1),
  id: z.uuid(),
  type: z.enum(jaoEventTypes),
  /** `core/maxExchanges` */
  dataset: z.string(),
  businessDay: z.iso.date(),
  occurredAt: z.iso.datetime(),
  state: z.enum(outboxStates),
  /** Since it is pending, or was last. */
  tries: count,
  /** Null where it is not pending. */
  nextTryAt: z.iso.datetime().nullable(),
  lastTriedAt: z.iso.datetime().nullable(),
  /** HTTP status of the last answer; null where none came. */
  lastStatus: z.int().nullable(),
  /** Why the last try failed; null where it did not. */
  lastFailure: z.string().nullable(),
  /** Null where it is pending. */
  settledAt: z.iso.datetime().nullable(),
});

/** One event of the outbox; see {@link outboxEntrySchema}. */
export type OutboxEntry = z.infer<typeof outboxEntrySchema>;

/** The document that `jao-scraper outbox show --format json` prints: with the body that is sent. */
export const outboxDetailSchema = outboxEntrySchema.extend({ event: jaoEventSchema });

/** The document that `jao-scraper outbox deliver --format json` prints. Counts are events. */
export const outboxDeliveryReportSchema = z.object({
  delivered: count,
  /** That are to be tried again. */
  failed: count,
  /** That were given up. */
  dead: count,
});

/** What a delivery did; see {@link outboxDeliveryReportSchema}. */
export type OutboxDeliveryReport = z.infer<typeof outboxDeliveryReportSchema>;

/** The document that `jao-scraper outbox replay` and `discard` print with `--format json`. */
export const outboxChangeReportSchema = z.object({
  /** Events that were changed. */
  events: count,
  state: z.enum(outboxStates),
});

/** What a decision about events did; see {@link outboxChangeReportSchema}. */
export type OutboxChangeReport = z.infer<typeof outboxChangeReportSchema>;
