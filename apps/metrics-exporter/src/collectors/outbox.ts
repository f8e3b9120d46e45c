import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** Events on their way to the webhook, of the database. */
export const outboxMetrics = {
  pending: {
    name: 'sluice_outbox_pending',
    help: 'Events that are to be delivered to the webhook, those that wait for another try included.',
    kind: 'gauge',
    labelNames: [],
  },
  dead: {
    name: 'sluice_outbox_dead',
    help: 'Events that were given up: tried as often as they may be, or the receiver wants none any more. They wait for a person.',
    kind: 'gauge',
    labelNames: [],
  },
  oldest: {
    name: 'sluice_outbox_oldest_timestamp_seconds',
    help: 'Since when the oldest event waits that is to be delivered; absent where none does.',
    kind: 'gauge',
    labelNames: [],
  },
} as const satisfies DeclaredMetrics;

/** Tells of events that are not delivered. */
export function outboxCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'outbox',
    sql: `select pending, dead, extract(epoch from oldest_pending_since)::float8 as oldest
      from ops.metrics_outbox_v1`,
    row: z
      .object({ pending: z.int(), dead: z.int(), oldest: z.number().nullable() })
      .transform((row) => ({ ...row, labels: {} })),
    families: (rows) => [
      familyOfRows(outboxMetrics.pending, rows, (row) => row.pending),
      familyOfRows(outboxMetrics.dead, rows, (row) => row.dead),
      familyOfRows(outboxMetrics.oldest, rows, (row) => row.oldest),
    ],
  });
}
