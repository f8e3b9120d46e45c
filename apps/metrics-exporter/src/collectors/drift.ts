import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** What contracts do not know. */
export const driftMetrics = {
  items: {
    name: 'sluice_drift_items',
    help: 'Different things that the contract does not know and that were kept: fields, keys, steps.',
    kind: 'gauge',
    labelNames: ['dataset', 'kind'],
  },
  newest: {
    name: 'sluice_drift_newest_timestamp_seconds',
    help: 'When the newest of these was first seen.',
    kind: 'gauge',
    labelNames: ['dataset', 'kind'],
  },
} as const satisfies DeclaredMetrics;

/** Tells of drift of schemas. */
export function driftCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'drift',
    sql: `select dataset, kind, items, extract(epoch from newest_seen_at)::float8 as newest
      from ops.metrics_drift_v1 order by dataset, kind`,
    row: z
      .object({
        dataset: z.string(),
        kind: z.string(),
        items: z.int(),
        newest: z.number(),
      })
      .transform(({ dataset, kind, ...row }) => ({ ...row, labels: { dataset, kind } })),
    families: (rows) => [
      familyOfRows(driftMetrics.items, rows, (row) => row.items),
      familyOfRows(driftMetrics.newest, rows, (row) => row.newest),
    ],
  });
}
