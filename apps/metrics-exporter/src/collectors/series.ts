import type { MetricFamily } from '@sluice/metrics';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { viewCollector } from './view-collector.ts';

/** Of series that have not ended. */
export const seriesMetrics = {
  count: {
    name: 'sluice_dataset_series',
    help: 'Series of the dataset that have not ended.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  last: {
    name: 'sluice_series_last_observation_timestamp_seconds',
    help: 'The start of the newest delivery period with a value. None of a dataset with more series than --max-series.',
    kind: 'gauge',
    labelNames: ['dataset', 'series'],
  },
  oldest: {
    name: 'sluice_dataset_oldest_series_timestamp_seconds',
    help: 'The smallest of these over all series of the dataset: how far the last of them is behind.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  dropped: {
    name: 'sluice_exporter_series_dropped',
    help: 'Series that are not told one by one, since the dataset has more than --max-series of them.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
} as const satisfies DeclaredMetrics;

const seriesRow = z.object({
  dataset: z.string(),
  series: z.string(),
  last: z.number().nullable(),
});
type SeriesRow = z.infer<typeof seriesRow>;

/**
 * Tells how far each series has come; of a dataset with more than `maxSeries` (0 is no limit) only how
 * far all of them have.
 */
export function seriesCollector(db: PostgresDatabase, maxSeries: number): Collector {
  return viewCollector(db, {
    name: 'series',
    sql: `select dataset, series, extract(epoch from last_observed_at)::float8 as last
      from ops.metrics_series_v1 order by dataset, series`,
    row: seriesRow,
    families: (rows) => familiesOf(rows, maxSeries === 0 ? Number.POSITIVE_INFINITY : maxSeries),
  });
}

function familiesOf(rows: readonly SeriesRow[], maxSeries: number): MetricFamily[] {
  const datasets = [...Map.groupBy(rows, ({ dataset }) => dataset)].map(([dataset, series]) => {
    const known = series.flatMap(({ last }) => last ?? []);
    return {
      labels: { dataset },
      series,
      isDropped: series.length > maxSeries,
      newest: known.reduce<number | undefined>(
        (best, each) => Math.max(best ?? each, each),
        undefined,
      ),
      oldest: known.reduce<number | undefined>(
        (best, each) => Math.min(best ?? each, each),
        undefined,
      ),
    };
  });
  return [
    familyOf(
      seriesMetrics.count,
      datasets.map(({ labels, series }) => [labels, series.length]),
    ),
    familyOf(
      seriesMetrics.last,
      datasets
        .filter(({ isDropped }) => !isDropped)
        .flatMap(({ series }) => series)
        .map(({ dataset, series, last }) => [{ dataset, series }, last]),
    ),
    familyOf(
      ledgerMetrics.newestRecord,
      datasets.map(({ labels, newest }) => [labels, newest]),
    ),
    familyOf(
      seriesMetrics.oldest,
      datasets.map(({ labels, oldest }) => [labels, oldest]),
    ),
    familyOf(
      seriesMetrics.dropped,
      datasets.map(({ labels, series, isDropped }) => [labels, isDropped ? series.length : 0]),
    ),
  ];
}
