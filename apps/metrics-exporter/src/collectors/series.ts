import type { MetricFamily } from '@sluice/metrics';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf, familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { onceForEqual } from './once-for-equal.ts';
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

/** The series whose newest value is of the same time: of most datasets all but a few. */
const groupRow = z.object({
  dataset: z.string(),
  last: z.number().nullable(),
  /** A JSON list of them, which is read where it is not the one of the last scrape. */
  series: z.string(),
});
type SeriesGroup = z.infer<typeof groupRow>;
const seriesList = z.array(z.string());

/**
 * Tells how far each series has come; of a dataset with more than `maxSeries` (0 is no limit) only how
 * far all of them have.
 */
export function seriesCollector(db: PostgresDatabase, maxSeries: number): Collector {
  const limit = maxSeries === 0 ? Number.POSITIVE_INFINITY : maxSeries;
  return viewCollector(db, {
    name: 'series',
    sql: `select dataset, extract(epoch from last_observed_at)::float8 as last, json_agg(series)::text as series
      from ops.metrics_series_v1 group by dataset, last_observed_at order by dataset, last_observed_at`,
    row: groupRow,
    families: onceForEqual((rows) => familiesOf(rows, limit)),
  });
}

function familiesOf(rows: readonly SeriesGroup[], maxSeries: number): MetricFamily[] {
  const groups = rows.map((row) => ({ ...row, series: seriesList.parse(JSON.parse(row.series)) }));
  const datasets = [...Map.groupBy(groups, ({ dataset }) => dataset)].map(([dataset, parts]) => {
    const known = parts.flatMap(({ last }) => last ?? []);
    const count = parts.reduce((sum, { series }) => sum + series.length, 0);
    // The parts are in the order of their times.
    return { labels: { dataset }, parts, count, oldest: known[0], newest: known.at(-1) };
  });
  return [
    familyOfRows(seriesMetrics.count, datasets, (row) => row.count),
    familyOf(
      seriesMetrics.last,
      datasets
        .filter(({ count }) => count <= maxSeries)
        .flatMap(({ parts }) => parts)
        .flatMap(({ dataset, last, series }) =>
          series.map((key) => [{ dataset, series: key }, last] as const),
        ),
    ),
    familyOfRows(ledgerMetrics.newestRecord, datasets, (row) => row.newest),
    familyOfRows(seriesMetrics.oldest, datasets, (row) => row.oldest),
    familyOfRows(seriesMetrics.dropped, datasets, (row) => (row.count > maxSeries ? row.count : 0)),
  ];
}
