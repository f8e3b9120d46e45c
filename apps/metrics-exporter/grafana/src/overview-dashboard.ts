import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

import { layOut } from './dashboard.ts';
import type { PanelRow } from './dashboard.ts';
import { instant, lateness, newestDay, ofExporter, once } from './expressions.ts';
import { exporterRow, jobsRow, outboxRow } from './operation-rows.ts';
import { numbers, series, table, timeline } from './panels.ts';
import { commonVariables } from './variables.ts';
import { complete, eitherWay, noneOr, someWait } from './wording.ts';

const eachDataset = 'dataset';
const eachWarehouse = 'dataset, warehouse';

/** Is everything fresh and complete, and when is the next due? */
export function overviewDashboard() {
  return layOut({
    uid: 'sluice-overview',
    title: 'Sluice: overview',
    description: 'Is everything fresh and complete, and when is the next due?',
    variables: commonVariables(),
    rows: [answers(), datasets(), votes(), jobsRow(), outboxRow(), exporterRow()],
  });
}

function answers(): PanelRow {
  return { title: 'Right now', panels: [...ofMonitoring(), ...ofData()] };
}

function ofMonitoring(): Panel[] {
  return [
    numbers({
      title: 'Exporter',
      description:
        'Whether Prometheus can scrape each exporter that it knows. Down, all else here is old.',
      unit: 'none',
      width: 3,
      states: eitherWay('up', 'down'),
      runbooks: ['exporter-down'],
      queries: [{ expr: `min by (instance) (${ofExporter('up')})`, legend: '{{instance}}' }],
    }),
    numbers({
      title: 'Database',
      description: 'Whether the database answered the newest scrape in time.',
      unit: 'none',
      width: 3,
      runbooks: ['database-down'],
      states: eitherWay('answers', 'away'),
      queries: [{ expr: `min(${ofExporter('sluice_up')})`, legend: 'database' }],
    }),
    numbers({
      title: 'Firing alerts',
      description: 'Alerts of Sluice that fire now, besides the one that always does.',
      unit: 'short',
      width: 3,
      limits: noneOr('an alert fires'),
      nothing: '0',
      queries: [
        {
          expr: 'count(ALERTS{alertstate="firing", audience=~".+", severity=~"page|ticket"})',
          legend: 'firing',
        },
      ],
    }),
    numbers({
      title: 'Next due',
      description:
        'When the next business day of any dataset is due; in the past, a dataset waits for it.',
      unit: 'dateTimeFromNow',
      width: 3,
      queries: [
        {
          expr: `min(${instant(eachDataset, ofExporter('sluice_dataset_next_due_timestamp_seconds'))})`,
          legend: 'next due',
        },
      ],
    }),
  ];
}

function ofData(): Panel[] {
  return [
    numbers({
      title: 'Late datasets',
      description: 'Datasets that still wait for a business day when its grace has ended.',
      unit: 'short',
      width: 3,
      runbooks: ['freshness'],
      limits: noneOr('a dataset is late'),
      queries: [{ expr: `sum(${lateness()} > bool 0)`, legend: 'late' }],
    }),
    numbers({
      title: 'Least complete dataset',
      description:
        'Of the newest due business day: cells with a value, of those that are expected, available and due. 0.99 is 99 %.',
      unit: 'percentunit',
      width: 3,
      runbooks: ['incomplete'],
      limits: complete,
      below: 'critical',
      queries: [
        {
          expr: `min(${ofExporter('sluice_dataset_completeness_ratio', newestDay)})`,
          legend: 'complete',
        },
      ],
    }),
    numbers({
      title: 'Failing checks',
      description:
        'Checks whose newest result crossed a threshold of severity error, or could not be evaluated.',
      unit: 'short',
      width: 3,
      runbooks: ['check-failed'],
      limits: noneOr('a check fails'),
      queries: [
        {
          expr: `sum(1 - min by (dataset, check, scope, warehouse) (${ofExporter('sluice_check_passed', 'severity="error"')}))`,
          legend: 'failing',
        },
      ],
    }),
    numbers({
      title: 'Open quarantine',
      description: 'Entries of quarantine about which nobody has decided.',
      unit: 'short',
      width: 3,
      runbooks: ['quarantine'],
      limits: someWait('a person is to decide'),
      queries: [
        {
          expr: `sum(${once('dataset, reason, warehouse', ofExporter('sluice_quarantine_rows'))})`,
          legend: 'open',
        },
      ],
    }),
  ];
}

function datasets(): PanelRow {
  return {
    title: 'Datasets of the JAO service',
    panels: [
      datasetTable(),
      timeline({
        title: 'Fresh or late',
        description: 'A dataset is late while it waits for a business day whose grace has ended.',
        unit: 'none',
        width: 12,
        runbooks: ['freshness'],
        states: eitherWay('fresh', 'late'),
        queries: [{ expr: `${lateness()} <= bool 0`, legend: '{{dataset}}' }],
      }),
      series({
        title: 'Completeness of the newest due day',
        description:
          'Cells with a value, of those that are expected, available and due. It begins low each day, and is to be at 1 when the grace ends.',
        unit: 'percentunit',
        width: 12,
        runbooks: ['incomplete', 'not-collected', 'not-provided'],
        queries: [
          {
            expr: `min by (dataset) (${ofExporter('sluice_dataset_completeness_ratio', newestDay)})`,
            legend: '{{dataset}}',
          },
        ],
      }),
    ],
  };
}

function datasetTable(): Panel {
  return table({
    title: 'Datasets',
    description:
      'What each dataset has, and what it waits for. Days are dates; ratios are of the newest due business days, so many of them.',
    width: 24,
    labels: { dataset: 'Dataset' },
    opens: { uid: 'sluice-dataset', label: 'dataset' },
    columns: [
      {
        title: 'Freshness',
        expr: `${lateness()} <= bool 0`,
        unit: 'none',
        states: eitherWay('fresh', 'late'),
      },
      {
        title: 'Next due',
        expr: instant(eachDataset, ofExporter('sluice_dataset_next_due_timestamp_seconds')),
        unit: 'dateTimeFromNow',
      },
      {
        title: 'Newest finished day',
        expr: instant(
          eachDataset,
          ofExporter('sluice_dataset_newest_finished_day_timestamp_seconds'),
        ),
        unit: 'time:YYYY-MM-DD',
      },
      {
        title: 'Complete, 1 day',
        expr: `min by (dataset) (${ofExporter('sluice_dataset_completeness_ratio', newestDay)})`,
        unit: 'percentunit',
      },
      {
        title: 'Complete, 30 days',
        expr: `min by (dataset) (${ofExporter('sluice_dataset_completeness_ratio', 'window="30d"')})`,
        unit: 'percentunit',
      },
      {
        title: 'Collected, 30 days',
        expr: `min by (dataset) (${ofExporter('sluice_dataset_collection_ratio', 'window="30d"')})`,
        unit: 'percentunit',
      },
      {
        title: 'Days to fetch',
        expr: once(eachDataset, ofExporter('sluice_backfill_remaining_windows')),
        unit: 'short',
      },
      {
        title: 'Last change',
        expr: instant(eachDataset, ofExporter('sluice_dataset_last_change_timestamp_seconds')),
        unit: 'dateTimeFromNow',
      },
    ],
  });
}

function votes(): PanelRow {
  return {
    title: 'Votes',
    panels: [
      table({
        title: 'Warehouses',
        description:
          'What each warehouse of votes has, as its status file says. A warehouse whose files arrive by no calendar has no next one.',
        width: 24,
        runbooks: ['file-overdue'],
        height: 6,
        labels: { warehouse: 'Warehouse', dataset: 'Dataset' },
        opens: { uid: 'sluice-ingest', label: 'warehouse' },
        columns: [
          {
            title: 'Votes',
            expr: once(eachWarehouse, ofExporter('sluice_warehouse_rows')),
            unit: 'short',
          },
          {
            title: 'Newest vote',
            expr: instant(
              eachWarehouse,
              ofExporter('sluice_dataset_newest_record_timestamp_seconds'),
            ),
            unit: 'dateTimeAsIso',
          },
          {
            title: 'Status written',
            expr: instant(
              eachWarehouse,
              ofExporter('sluice_warehouse_status_written_timestamp_seconds'),
            ),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Next file due',
            expr: instant(eachWarehouse, ofExporter('sluice_arrival_next_due_timestamp_seconds')),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Files that did not come',
            expr: once(
              eachWarehouse,
              ofExporter('sluice_arrival_files', 'state=~"not_provided|not_collected"'),
            ),
            unit: 'short',
            limits: noneOr('a file is missing'),
          },
        ],
      }),
    ],
  };
}
