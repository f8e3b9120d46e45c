import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** The pace that all processes share. `origin` is scheme, host and port. */
export const originMetrics = {
  requests: {
    name: 'sluice_origin_requests_total',
    help: 'Requests to the origin that were let go at its pace, of all processes.',
    kind: 'counter',
    labelNames: ['origin'],
  },
  pausedUntil: {
    name: 'sluice_origin_paused_until_timestamp_seconds',
    help: 'Until when nobody asks the origin, since it wanted so; past where it has begun again, absent where it never wanted it.',
    kind: 'gauge',
    labelNames: ['origin'],
  },
} as const satisfies DeclaredMetrics;

/** Tells how often sources are asked, and whether they are left alone. */
export function originCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'origins',
    sql: `select origin, requests, extract(epoch from paused_until)::float8 as paused_until
      from ops.metrics_origin_v1 order by origin`,
    row: z
      .object({
        origin: z.string(),
        requests: z.int(),
        paused_until: z.number().nullable(),
      })
      .transform(({ origin, ...row }) => ({ ...row, labels: { origin } })),
    families: (rows) => [
      familyOfRows(originMetrics.requests, rows, (row) => row.requests),
      familyOfRows(originMetrics.pausedUntil, rows, (row) => row.paused_until),
    ],
  });
}
