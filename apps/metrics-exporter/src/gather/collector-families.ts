import type { MetricDeclaration, MetricFamily } from '@sluice/metrics';

import type { CollectorRun } from './collector-runner.ts';

/** What is told of the collectors themselves. */
export const collectorMetrics = {
  success: {
    name: 'sluice_exporter_collector_success',
    help: 'Whether the collector read its source in time, for this answer.',
    kind: 'gauge',
  },
  duration: {
    name: 'sluice_exporter_collector_duration_seconds',
    help: 'What the collector took for this answer, or had taken when the time was up.',
    kind: 'gauge',
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

/** Tells of runs how they ended, or how far they are. */
export function collectorFamilies(runs: readonly CollectorRun[]): MetricFamily[] {
  return [
    {
      ...collectorMetrics.success,
      samples: runs.map((run) => ({
        labels: { collector: run.name },
        value: run.isRunning || run.error !== undefined ? 0 : 1,
      })),
    },
    {
      ...collectorMetrics.duration,
      samples: runs.map((run) => ({
        labels: { collector: run.name },
        value: run.durationMs / 1000,
      })),
    },
  ];
}
