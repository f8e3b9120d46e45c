import type { JobInterval } from '../config.ts';
import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';

/** What is expected of jobs that something else starts. */
export const jobIntervalMetrics = {
  interval: {
    name: 'sluice_job_interval_seconds',
    help: 'How often a run of the job is to end well, as --job-interval says; absent for the jobs that it does not name.',
    kind: 'gauge',
    labelNames: ['job_name'],
  },
} as const satisfies DeclaredMetrics;

/** Tells how often jobs are to run: what starts them knows it, and no ledger does. */
export function jobIntervalCollector(intervals: readonly JobInterval[]): Collector {
  const family = familyOf(
    jobIntervalMetrics.interval,
    intervals.map(({ jobName, intervalMs }) => [{ job_name: jobName }, intervalMs / 1000]),
  );
  return { name: 'job_intervals', collect: () => Promise.resolve([family]) };
}
