import { layOut } from './dashboard.ts';
import type { PanelRow } from './dashboard.ts';
import { instant, ofExporter, once } from './expressions.ts';
import { numbers, series, table } from './panels.ts';
import { choice, commonVariables } from './variables.ts';
import { noneOr, someWait } from './wording.ts';

const chosen = 'warehouse=~"$warehouse"';

/** What became of the files of votes. */
export function ingestDashboard() {
  return layOut({
    uid: 'sluice-ingest',
    title: 'Sluice: ingest of votes',
    description: 'What became of the files of votes, by the status files beside their warehouses.',
    variables: [
      ...commonVariables(),
      choice({
        name: 'warehouse',
        label: 'Warehouse',
        values: 'label_values(sluice_warehouse_rows{job=~"$job"}, warehouse)',
      }),
    ],
    rows: [contents(), records(), files(), runs()],
  });
}

function contents(): PanelRow {
  return {
    title: 'What is there?',
    panels: [
      numbers({
        title: 'Votes',
        description: 'Rows in the table that data scientists see.',
        unit: 'short',
        width: 6,
        queries: [
          {
            expr: once('warehouse', ofExporter('sluice_warehouse_rows', chosen)),
            legend: '{{warehouse}}',
          },
        ],
      }),
      numbers({
        title: 'Newest vote',
        description: 'The latest time that any vote is about.',
        unit: 'dateTimeAsIso',
        width: 6,
        queries: [
          {
            expr: instant(
              'warehouse',
              ofExporter('sluice_dataset_newest_record_timestamp_seconds', chosen),
            ),
            legend: '{{warehouse}}',
          },
        ],
      }),
      numbers({
        title: 'Ended well',
        description: 'When a run last ended well.',
        unit: 'dateTimeFromNow',
        width: 6,
        queries: [
          {
            expr: instant(
              'warehouse',
              ofExporter('sluice_job_last_success_timestamp_seconds', chosen),
            ),
            legend: '{{warehouse}}',
          },
        ],
      }),
      numbers({
        title: 'Unaccounted records',
        description:
          'Records that were read, less those of which the ledger knows what became of them.',
        unit: 'short',
        width: 6,
        limits: noneOr('rows were lost'),
        runbooks: ['rows-lost'],
        queries: [
          {
            expr: once('warehouse', `abs(${ofExporter('sluice_ingest_rows_unaccounted', chosen)})`),
            legend: '{{warehouse}}',
          },
        ],
      }),
    ],
  };
}

function records(): PanelRow {
  return {
    title: 'What became of the records?',
    panels: [
      series({
        title: 'Records that were read',
        description: 'Records of files, as runs read them.',
        unit: 'short',
        width: 12,
        isBars: true,
        queries: [
          {
            expr: once(
              'warehouse',
              `increase(${ofExporter('sluice_ingest_rows_read_total', chosen)}[$__rate_interval])`,
            ),
            legend: '{{warehouse}}',
          },
        ],
      }),
      series({
        title: 'Records by outcome',
        description: 'What became of the records that were read: each has one outcome.',
        unit: 'short',
        width: 12,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: once(
              'warehouse, outcome',
              `increase(${ofExporter('sluice_ingest_rows_total', chosen)}[$__rate_interval])`,
            ),
            legend: '{{outcome}}, {{warehouse}}',
          },
        ],
      }),
      table({
        title: 'The newest file',
        description: 'Records of the newest file by what became of them.',
        width: 12,
        labels: { warehouse: 'Warehouse', outcome: 'Outcome' },
        columns: [
          {
            title: 'Records',
            expr: once('warehouse, outcome', ofExporter('sluice_ingest_last_file_rows', chosen)),
            unit: 'short',
          },
        ],
      }),
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
            expr: once('warehouse, reason', ofExporter('sluice_quarantine_rows', chosen)),
            legend: '{{reason}}, {{warehouse}}',
          },
        ],
      }),
    ],
  };
}

function files(): PanelRow {
  return {
    title: 'Did the files come?',
    panels: [
      table({
        title: 'Files that arrive by the calendar',
        description:
          'When the next expected file is due, and from when on it is missing and not only late. Without a calendar of arrivals there is none.',
        width: 12,
        runbooks: ['file-overdue'],
        nothing: 'no calendar',
        labels: { warehouse: 'Warehouse' },
        columns: [
          {
            title: 'Due',
            expr: instant(
              'warehouse',
              ofExporter('sluice_arrival_next_due_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Missing from',
            expr: instant(
              'warehouse',
              ofExporter('sluice_arrival_next_missing_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
      series({
        title: 'Expected files by state',
        description: 'Files that the calendar of arrivals expects, as of the last run.',
        unit: 'short',
        width: 12,
        isStacked: true,
        nothing: 'no calendar',
        queries: [
          {
            expr: once('warehouse, state', ofExporter('sluice_arrival_files', chosen)),
            legend: '{{state}}, {{warehouse}}',
          },
        ],
      }),
      series({
        title: 'Files on the ledger',
        description: 'Files by what became of them.',
        unit: 'short',
        width: 12,
        queries: [
          {
            expr: once('warehouse, outcome', ofExporter('sluice_warehouse_files', chosen)),
            legend: '{{outcome}}, {{warehouse}}',
          },
        ],
      }),
      series({
        title: 'Size on disk',
        description: 'The warehouse and its write-ahead log, which is empty after each run.',
        unit: 'bytes',
        width: 12,
        queries: [
          {
            expr: once('warehouse', ofExporter('sluice_warehouse_file_bytes', chosen)),
            legend: 'warehouse, {{warehouse}}',
          },
          {
            expr: once('warehouse', ofExporter('sluice_warehouse_wal_bytes', chosen)),
            legend: 'log, {{warehouse}}',
          },
        ],
      }),
    ],
  };
}

function runs(): PanelRow {
  return {
    title: 'Did it run?',
    panels: [
      table({
        title: 'Runs',
        description: 'Of the command that ingests. Failures are those of the chosen time.',
        width: 24,
        height: 6,
        labels: { warehouse: 'Warehouse' },
        runbooks: ['job-overdue'],
        columns: [
          {
            title: 'Runs now',
            expr: once('warehouse', ofExporter('sluice_job_running', chosen)),
            unit: 'short',
          },
          {
            title: 'Ended',
            expr: instant(
              'warehouse',
              ofExporter('sluice_job_last_completion_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Took',
            expr: once('warehouse', ofExporter('sluice_job_last_duration_seconds', chosen)),
            unit: 's',
          },
          {
            title: 'Runs that ended',
            expr: once(
              'warehouse',
              `increase(${ofExporter('sluice_job_runs_total', chosen)}[$__range])`,
            ),
            unit: 'short',
          },
          {
            title: 'Runs that failed',
            expr: `sum by (warehouse) (${once('warehouse, reason', `increase(${ofExporter('sluice_job_run_failures_total', chosen)}[$__range])`)})`,
            unit: 'short',
            limits: someWait('a run failed'),
          },
          {
            title: 'Status written',
            expr: instant(
              'warehouse',
              ofExporter('sluice_warehouse_status_written_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
    ],
  };
}
