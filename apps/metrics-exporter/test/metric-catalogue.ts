import { attemptMetrics } from '../src/collectors/attempts.ts';
import { certificateMetrics } from '../src/collectors/certificate.ts';
import { completenessMetrics } from '../src/collectors/completeness.ts';
import { counterMetrics, counterTimes } from '../src/collectors/counters.ts';
import { databaseMetrics } from '../src/collectors/database.ts';
import { datasetMetrics } from '../src/collectors/datasets.ts';
import { driftMetrics } from '../src/collectors/drift.ts';
import { jobIntervalMetrics } from '../src/collectors/job-intervals.ts';
import { jobMetrics } from '../src/collectors/jobs.ts';
import { leaseMetrics } from '../src/collectors/leases.ts';
import { ledgerMetrics } from '../src/collectors/ledger-metrics.ts';
import { originMetrics } from '../src/collectors/origins.ts';
import { outboxMetrics } from '../src/collectors/outbox.ts';
import { processMetrics } from '../src/collectors/process-metrics.ts';
import { schemaMetrics } from '../src/collectors/schema-versions.ts';
import { seriesMetrics } from '../src/collectors/series.ts';
import { viewMetrics } from '../src/collectors/view-collector.ts';
import { votesStatusMetrics } from '../src/collectors/votes-status.ts';
import type { DeclaredMetric } from '../src/declared-metric.ts';
import { collectorMetrics } from '../src/gather/collector-families.ts';

/** Every metric that is declared in this app. */
export const metricCatalogue: readonly DeclaredMetric[] = [
  ...Object.values(collectorMetrics),
  ...Object.values(processMetrics),
  ...Object.values(certificateMetrics),
  ...Object.values(databaseMetrics),
  ...Object.values(viewMetrics),
  ...Object.values(schemaMetrics),
  ...Object.values(ledgerMetrics),
  ...Object.values(jobMetrics),
  ...Object.values(jobIntervalMetrics),
  ...Object.values(attemptMetrics),
  ...Object.values(counterMetrics),
  ...Object.values(counterTimes),
  ...Object.values(outboxMetrics),
  ...Object.values(originMetrics),
  ...Object.values(leaseMetrics),
  ...Object.values(driftMetrics),
  ...Object.values(datasetMetrics),
  ...Object.values(completenessMetrics),
  ...Object.values(seriesMetrics),
  ...Object.values(votesStatusMetrics),
];
