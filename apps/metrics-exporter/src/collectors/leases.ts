import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf, familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** What one process at a time does. `shard` is the dataset that is scheduled, as a worker tells it. */
export const leaseMetrics = {
  held: {
    name: 'sluice_lease_held',
    help: 'Whether anybody holds the lease, by the clock of the database.',
    kind: 'gauge',
    labelNames: ['shard'],
  },
  token: {
    name: 'sluice_lease_token',
    help: 'Goes up each time the lease changes hands.',
    kind: 'gauge',
    labelNames: ['shard'],
  },
  expires: {
    name: 'sluice_lease_expires_timestamp_seconds',
    help: 'Until when the lease is, or was, held unless it is renewed.',
    kind: 'gauge',
    labelNames: ['shard'],
  },
  info: {
    name: 'sluice_lease_info',
    help: 'Who holds the lease, or held it last; always 1.',
    kind: 'gauge',
    labelNames: ['shard', 'holder'],
  },
} as const satisfies DeclaredMetrics;

/** Tells who schedules what. */
export function leaseCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'leases',
    sql: `select regexp_replace(name, '^watch ', '') as shard, holder, token, is_held, extract(epoch from leased_until)::float8 as expires
      from ops.metrics_lease_v1 order by name`,
    row: z
      .object({
        shard: z.string(),
        holder: z.string(),
        token: z.int(),
        is_held: z.boolean(),
        expires: z.number(),
      })
      .transform(({ shard, ...row }) => ({ ...row, labels: { shard } })),
    families: (rows) => [
      familyOfRows(leaseMetrics.held, rows, (row) => (row.is_held ? 1 : 0)),
      familyOfRows(leaseMetrics.token, rows, (row) => row.token),
      familyOfRows(leaseMetrics.expires, rows, (row) => row.expires),
      familyOf(
        leaseMetrics.info,
        rows.map(({ labels, holder }) => [{ ...labels, holder }, 1]),
      ),
    ],
  });
}
