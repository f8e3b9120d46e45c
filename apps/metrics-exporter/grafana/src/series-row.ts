import type { PanelRow } from './dashboard.ts';
import { instant, ofExporter, once } from './expressions.ts';
import { numbers, table } from './panels.ts';
import { someWait } from './wording.ts';

/** How far the series are that have the labels which `chosen` matches: those of a dataset. */
export function seriesRow(chosen: string): PanelRow {
  return {
    title: 'Series',
    panels: [
      numbers({
        title: 'Series',
        description: 'Series that have not ended.',
        unit: 'short',
        width: 4,
        queries: [
          { expr: once('dataset', ofExporter('sluice_dataset_series', chosen)), legend: 'series' },
        ],
      }),
      numbers({
        title: 'Not told one by one',
        description:
          'Series that the exporter leaves out, since the dataset has more than its --max-series.',
        unit: 'short',
        width: 4,
        limits: someWait('the table beside has not all series'),
        queries: [
          {
            expr: once('dataset', ofExporter('sluice_exporter_series_dropped', chosen)),
            legend: 'left out',
          },
        ],
      }),
      numbers({
        title: 'The one furthest behind',
        description:
          'The start of the newest delivery period of the series that is furthest behind.',
        unit: 'dateTimeAsIso',
        width: 4,
        queries: [
          {
            expr: `min(${ofExporter('sluice_dataset_oldest_series_timestamp_seconds', chosen)}) * 1000`,
            legend: 'newest period',
          },
        ],
      }),
      table({
        title: 'Series that are furthest behind',
        description:
          'The newest delivery period with a value, of the twenty series that are furthest behind.',
        width: 12,
        labels: { series: 'Series' },
        columns: [
          {
            title: 'Newest delivery period',
            expr: `bottomk(20, ${instant('series', ofExporter('sluice_series_last_observation_timestamp_seconds', chosen))})`,
            unit: 'dateTimeAsIso',
          },
        ],
      }),
    ],
  };
}
