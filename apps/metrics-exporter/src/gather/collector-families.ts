import type { MetricFamily } from '@sluice/metrics';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { CollectorRun } from './collector-runner.ts';

/** What is told of the collectors themselves. */
export const collectorMetrics = {
  success: {
    name: 'sluice_exporter_collector_success',
    help: 'Whether the collector read its source in time, for this answer.',
    kind: 'gauge',
    labelNames: ['collector'],
  },
  duration: {
    name: 'sluice_exporter_collector_duration_seconds',
    help: 'What the collector took for this answer, or had taken when the time was up.',
    kind: 'gauge',
    labelNames: ['collector'],
  },
} as const satisfies DeclaredMetrics;

/** Tells of runs how they ended, or how far they are. */
export function collectorFamilies(runs: readonly CollectorRun[]): MetricFamily[] {
  return [
    familyOf(
      collectorMetrics.success,
      runs.map(({ name, isRunning, error }) => [
        { collector: name },
        isRunning || error !== undefined ? 0 : 1,
      ]),
    ),
    familyOf(
      collectorMetrics.duration,
      runs.map(({ name, durationMs }) => [{ collector: name }, durationMs / 1000]),
    ),
  ];
}
