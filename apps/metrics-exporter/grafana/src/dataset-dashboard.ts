import { layOut } from './dashboard.ts';
import type { PanelRow } from './dashboard.ts';
import { instant, lateness, newestDay, ofExporter, once } from './expressions.ts';
import { numbers, series, table, timeline } from './panels.ts';
import { seriesRow } from './series-row.ts';
import { choice, commonVariables } from './variables.ts';
import { complete, eitherWay, someWait } from './wording.ts';

const chosen = 'dataset="$dataset"';
const cellStates = ofExporter('sluice_dataset_cells', chosen, 'window="$window"');

/** One dataset of the JAO service: what is there, what is missing, and whose fault it is. */
export function datasetDashboard() {
  return layOut({
    uid: 'sluice-dataset',
    title: 'Sluice: a dataset',
    description:
      'One dataset of the JAO service: what is there, what is missing, and whose fault that is.',
    variables: [
      ...commonVariables(),
      choice({
        name: 'dataset',
        label: 'Dataset',
        values: 'label_values(sluice_dataset_next_due_timestamp_seconds{job=~"$job"}, dataset)',
        isSingle: true,
      }),
      choice({
        name: 'window',
        label: 'Newest due days',
        values: 'label_values(sluice_dataset_cells{job=~"$job"}, window)',
        isSingle: true,
      }),
    ],
    rows: [freshness(), cells(), changes(), judgements(), attempts(), seriesRow(chosen)],
  });
}

function freshness(): PanelRow {
  const time = (title: string, description: string, metric: string, unit = 'dateTimeFromNow') =>
    numbers({
      title,
      description,
      unit,
      width: 4,
      queries: [
        { expr: instant('dataset', ofExporter(metric, chosen)), legend: title.toLowerCase() },
      ],
    });
  return {
    title: 'Is it fresh?',
    panels: [
      numbers({
        title: 'Freshness',
        description: 'Late is what waits for a business day whose grace has ended.',
        unit: 'none',
        width: 4,
        runbooks: ['freshness'],
        states: eitherWay('fresh', 'late'),
        queries: [{ expr: `${lateness(chosen)} <= bool 0`, legend: 'freshness' }],
      }),
      time(
        'Next due',
        'When the business day is, or was, due that follows the newest finished one.',
        'sluice_dataset_next_due_timestamp_seconds',
      ),
      time(
        'Newest finished day',
        'The newest business day that was answered as a whole after it was due.',
        'sluice_dataset_newest_finished_day_timestamp_seconds',
        'time:YYYY-MM-DD',
      ),
      time(
        'Newest due day',
        'The newest business day whose due time has passed.',
        'sluice_dataset_newest_due_day_timestamp_seconds',
        'time:YYYY-MM-DD',
      ),
      time(
        'Source last answered',
        'When the source last answered for one of the 31 newest due business days, with news or without.',
        'sluice_dataset_last_checked_timestamp_seconds',
      ),
      time(
        'Last change',
        'When anything was last stored: first values, revisions, withdrawals.',
        'sluice_dataset_last_change_timestamp_seconds',
      ),
      series({
        title: 'Overdue for',
        description:
          'For how long a business day has been late: the time since the end of its grace, and 0 while the dataset is fresh.',
        unit: 's',
        width: 12,
        queries: [{ expr: `clamp_min(${lateness(chosen)}, 0)`, legend: '{{dataset}}' }],
      }),
      series({
        title: 'Days to fetch',
        description:
          'Business days, from the first that was ever asked for to the newest due one, of which there is no answer yet. In a backfill it falls.',
        unit: 'short',
        width: 12,
        runbooks: ['backfill-stalled'],
        queries: [
          {
            expr: once('dataset', ofExporter('sluice_backfill_remaining_windows', chosen)),
            legend: '{{dataset}}',
          },
        ],
      }),
    ],
  };
}

function cells(): PanelRow {
  return {
    title: 'Is it complete?',
    panels: [
      numbers({
        title: 'Complete',
        description:
          'Of the newest due business day: cells with a value, of those that are expected, available and due. 0.99 is 99 %.',
        unit: 'percentunit',
        width: 4,
        runbooks: ['incomplete'],
        limits: complete,
        below: 'critical',
        queries: [
          {
            expr: `min(${ofExporter('sluice_dataset_completeness_ratio', chosen, newestDay)})`,
            legend: 'complete',
          },
        ],
      }),
      numbers({
        title: 'Collected',
        description:
          'Of the newest due business day: cells that came, of those that the source has provided. What is missing here is our fault. 0.99 is 99 %.',
        unit: 'percentunit',
        width: 4,
        runbooks: ['not-collected'],
        limits: complete,
        below: 'critical',
        queries: [
          {
            expr: `min(${ofExporter('sluice_dataset_collection_ratio', chosen, newestDay)})`,
            legend: 'collected',
          },
        ],
      }),
      table({
        title: 'Cells by state',
        description:
          'Cells of the newest due business days, so many as chosen above. Each has one state: not_collected is our fault, not_provided the fault of the source.',
        width: 6,
        runbooks: ['not-collected', 'not-provided'],
        labels: { state: 'State' },
        columns: [{ title: 'Cells', expr: once('state', cellStates), unit: 'short' }],
      }),
      series({
        title: 'Cells by state over time',
        description:
          'Cells of the newest due business days, so many as chosen above, by their state.',
        unit: 'short',
        width: 10,
        isStacked: true,
        queries: [{ expr: once('state', cellStates), legend: '{{state}}' }],
      }),
      series({
        title: 'Completeness and collection',
        description:
          'Both ratios over the chosen window. Where only completeness falls, the source has not provided.',
        unit: 'percentunit',
        width: 24,
        queries: [
          {
            expr: `min by (window) (${ofExporter('sluice_dataset_completeness_ratio', chosen)})`,
            legend: 'complete, {{window}}',
          },
          {
            expr: `min by (window) (${ofExporter('sluice_dataset_collection_ratio', chosen)})`,
            legend: 'collected, {{window}}',
          },
        ],
      }),
    ],
  };
}

function changes(): PanelRow {
  return {
    title: 'What changes?',
    panels: [
      series({
        title: 'Cells by what was stored',
        description:
          'First values (added), other values (value) and withdrawals (withdrawn), of all processes.',
        unit: 'short',
        width: 12,
        runbooks: ['revision-storm'],
        isBars: true,
        queries: [
          {
            expr: once(
              'kind',
              `increase(${ofExporter('sluice_revisions_total', chosen)}[$__rate_interval])`,
            ),
            legend: '{{kind}}',
          },
        ],
      }),
      numbers({
        title: 'Last revision',
        description: 'When a value was last revised or withdrawn.',
        unit: 'dateTimeFromNow',
        width: 4,
        height: 8,
        queries: [
          {
            expr: instant('dataset', ofExporter('sluice_revision_last_timestamp_seconds', chosen)),
            legend: 'last revision',
          },
        ],
      }),
      table({
        title: 'Drift',
        description: 'What the contract does not know, and was kept: keys, fields, steps.',
        width: 8,
        runbooks: ['schema-drift'],
        labels: { kind: 'Kind' },
        columns: [
          {
            title: 'Things',
            expr: once('kind', ofExporter('sluice_drift_items', chosen)),
            unit: 'short',
          },
          {
            title: 'Newest seen',
            expr: instant('kind', ofExporter('sluice_drift_newest_timestamp_seconds', chosen)),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
    ],
  };
}

function judgements(): PanelRow {
  return {
    title: 'Is it sound?',
    panels: [
      series({
        title: 'Quarantine',
        description: 'Open entries of quarantine by their reason.',
        unit: 'short',
        width: 12,
        runbooks: ['quarantine'],
        isStacked: true,
        limits: someWait('a person is to decide'),
        queries: [
          {
            expr: once('reason', ofExporter('sluice_quarantine_rows', chosen)),
            legend: '{{reason}}',
          },
        ],
      }),
      table({
        title: 'Checks',
        description: 'The newest result of each check.',
        width: 12,
        runbooks: ['check-failed'],
        labels: { check: 'Check' },
        columns: [
          {
            title: 'Result',
            expr: `min by (check) (${ofExporter('sluice_check_passed', chosen, 'severity="error"')})`,
            unit: 'none',
            states: eitherWay('no error', 'fails'),
          },
          {
            title: 'Failing rows',
            expr: once('check', ofExporter('sluice_check_violations', chosen)),
            unit: 'short',
          },
          {
            title: 'Ran',
            expr: instant('check', ofExporter('sluice_check_last_run_timestamp_seconds', chosen)),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
    ],
  };
}

function attempts(): PanelRow {
  return {
    title: 'Is it asked for?',
    panels: [
      series({
        title: 'Requests by outcome',
        description: 'Requests for the dataset that have ended, by what became of them.',
        unit: 'short',
        width: 12,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: once(
              'outcome',
              `increase(${ofExporter('sluice_source_attempts_total', chosen)}[$__rate_interval])`,
            ),
            legend: '{{outcome}}',
          },
        ],
      }),
      series({
        title: 'Age of the oldest request',
        description: 'For how long the oldest request has been out; nothing while none is.',
        unit: 's',
        width: 6,
        runbooks: ['attempt-stuck'],
        queries: [
          {
            expr: `time() - min by (dataset) (${ofExporter('sluice_source_attempts_oldest_start_timestamp_seconds', chosen)})`,
            legend: 'oldest',
          },
        ],
      }),
      timeline({
        title: 'Lease',
        description: 'Whether anybody schedules the dataset.',
        unit: 'none',
        width: 6,
        states: eitherWay('held', 'free'),
        runbooks: ['no-lease-holder'],
        queries: [
          {
            expr: once('shard', ofExporter('sluice_lease_held', 'shard="$dataset"')),
            legend: '{{shard}}',
          },
        ],
      }),
    ],
  };
}
