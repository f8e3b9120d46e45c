import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf, familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { viewCollector } from './view-collector.ts';

/** What of jobs only Postgres tells. */
export const jobMetrics = {
  heartbeat: {
    name: 'sluice_job_oldest_heartbeat_timestamp_seconds',
    help: 'Of the runs of the job that have not ended, when the one last said that it lives that has been silent longest.',
    kind: 'gauge',
    labelNames: ['job_name'],
  },
} as const satisfies DeclaredMetrics;

const jobRow = z
  .object({
    job_name: z.string(),
    last_start: z.number(),
    last_end: z.number().nullable(),
    last_success: z.number().nullable(),
    last_duration: z.number().nullable(),
    heartbeat: z.number().nullable(),
    running: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    abandoned: z.int(),
  })
  .transform(({ job_name, ...row }) => ({ ...row, labels: { job_name } }));

/** Tells when each job ran, how it ended, and how often. A job is a command of an app. */
export function jobCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'jobs',
    sql: `select job_name, running, succeeded, failed, abandoned,
        extract(epoch from last_started_at)::float8 as last_start,
        extract(epoch from last_ended_at)::float8 as last_end,
        extract(epoch from last_succeeded_at)::float8 as last_success,
        extract(epoch from last_duration)::float8 as last_duration,
        extract(epoch from oldest_heartbeat_at)::float8 as heartbeat
      from ops.metrics_job_v1 order by job_name`,
    row: jobRow,
    families: (rows) => [
      familyOfRows(ledgerMetrics.lastStart, rows, (row) => row.last_start),
      familyOfRows(ledgerMetrics.lastCompletion, rows, (row) => row.last_end),
      familyOfRows(ledgerMetrics.lastSuccess, rows, (row) => row.last_success),
      familyOfRows(ledgerMetrics.lastDuration, rows, (row) => row.last_duration),
      familyOfRows(ledgerMetrics.running, rows, (row) => row.running),
      familyOfRows(ledgerMetrics.runs, rows, (row) => row.succeeded + row.failed + row.abandoned),
      familyOf(
        ledgerMetrics.runFailures,
        rows.flatMap(
          ({ labels, failed, abandoned }) =>
            [
              [{ ...labels, reason: 'failed' }, failed],
              [{ ...labels, reason: 'abandoned' }, abandoned],
            ] as const,
        ),
      ),
      familyOfRows(jobMetrics.heartbeat, rows, (row) => row.heartbeat),
    ],
  });
}
