import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** What is being asked for. */
export const attemptMetrics = {
  running: {
    name: 'sluice_source_attempts_running',
    help: 'Requests for the dataset that are out, of all processes. A dataset that is not asked for has none.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  oldestStart: {
    name: 'sluice_source_attempts_oldest_start_timestamp_seconds',
    help: 'When the oldest of these went out.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
} as const satisfies DeclaredMetrics;

/** Tells of requests that have no answer yet. */
export function attemptCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'attempts',
    sql: `select dataset, running, extract(epoch from oldest_started_at)::float8 as oldest_start
      from ops.metrics_attempt_v1 order by dataset`,
    row: z
      .object({ dataset: z.string(), running: z.int(), oldest_start: z.number() })
      .transform(({ dataset, ...row }) => ({ ...row, labels: { dataset } })),
    families: (rows) => [
      familyOfRows(attemptMetrics.running, rows, (row) => row.running),
      familyOfRows(attemptMetrics.oldestStart, rows, (row) => row.oldest_start),
    ],
  });
}
