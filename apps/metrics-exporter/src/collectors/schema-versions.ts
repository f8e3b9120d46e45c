import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** How far schemas have come. */
export const schemaMetrics = {
  version: {
    name: 'sluice_schema_version',
    help: 'The newest migration of the component that was applied.',
    kind: 'gauge',
    labelNames: ['component'],
  },
  appliedAt: {
    name: 'sluice_schema_applied_timestamp_seconds',
    help: 'When a migration of the component was last applied.',
    kind: 'gauge',
    labelNames: ['component'],
  },
} as const satisfies DeclaredMetrics;

/** Tells of the schemas that apps have made. */
export function schemaCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'schemas',
    sql: `select component, version, extract(epoch from applied_at)::float8 as applied_at
      from ops.metrics_schema_v1 order by component`,
    row: z
      .object({ component: z.string(), version: z.int(), applied_at: z.number() })
      .transform(({ component, ...row }) => ({ ...row, labels: { component } })),
    families: (rows) => [
      familyOfRows(schemaMetrics.version, rows, (row) => row.version),
      familyOfRows(schemaMetrics.appliedAt, rows, (row) => row.applied_at),
    ],
  });
}
