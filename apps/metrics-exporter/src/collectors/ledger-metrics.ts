import type { DeclaredMetrics } from '../declared-metric.ts';

/**
 * What the ledgers in Postgres and in status files both tell. Only status files have `warehouse`, the
 * warehouse's path, and the `scope` of a check: ledger, table, or file.
 */
export const ledgerMetrics = {
  lastStart: {
    name: 'sluice_job_last_start_timestamp_seconds',
    help: 'When a run of the job last began.',
    kind: 'gauge',
    labelNames: ['job_name', 'warehouse'],
  },
  lastCompletion: {
    name: 'sluice_job_last_completion_timestamp_seconds',
    help: 'When a run of the job last ended, well or badly.',
    kind: 'gauge',
    labelNames: ['job_name', 'warehouse'],
  },
  lastSuccess: {
    name: 'sluice_job_last_success_timestamp_seconds',
    help: 'When a run of the job last ended well.',
    kind: 'gauge',
    labelNames: ['job_name', 'warehouse'],
  },
  lastDuration: {
    name: 'sluice_job_last_duration_seconds',
    help: 'How long the run of the job took that ended last.',
    kind: 'gauge',
    labelNames: ['job_name', 'warehouse'],
  },
  running: {
    name: 'sluice_job_running',
    help: 'Runs of the job that have not ended, as far as the ledger knows.',
    kind: 'gauge',
    labelNames: ['job_name', 'warehouse'],
  },
  runs: {
    name: 'sluice_job_runs_total',
    help: 'Runs of the job that have ended, well or badly.',
    kind: 'counter',
    labelNames: ['job_name', 'warehouse'],
  },
  runFailures: {
    name: 'sluice_job_run_failures_total',
    help: 'Runs of the job that failed, or whose process died (abandoned).',
    kind: 'counter',
    labelNames: ['job_name', 'reason', 'warehouse'],
  },
  rowsRead: {
    name: 'sluice_ingest_rows_read_total',
    help: 'Records of files, or cells of answers, that were read.',
    kind: 'counter',
    labelNames: ['dataset', 'warehouse'],
  },
  rows: {
    name: 'sluice_ingest_rows_total',
    help: 'Records, or cells, by what became of them.',
    kind: 'counter',
    labelNames: ['dataset', 'outcome', 'warehouse'],
  },
  rowsUnaccounted: {
    name: 'sluice_ingest_rows_unaccounted',
    help: 'Records, or cells, that were read, less those of which the ledger knows what became of them: always 0.',
    kind: 'gauge',
    labelNames: ['dataset', 'warehouse'],
  },
  newestRecord: {
    name: 'sluice_dataset_newest_record_timestamp_seconds',
    help: 'The latest time that any record or value of the dataset is about.',
    kind: 'gauge',
    labelNames: ['dataset', 'warehouse'],
  },
  quarantine: {
    name: 'sluice_quarantine_rows',
    help: 'Open entries of quarantine by their reason.',
    kind: 'gauge',
    labelNames: ['dataset', 'reason', 'warehouse'],
  },
  quarantineOldest: {
    name: 'sluice_quarantine_oldest_timestamp_seconds',
    help: 'Since when the oldest open entry is in quarantine.',
    kind: 'gauge',
    labelNames: ['dataset', 'reason', 'warehouse'],
  },
  checkPassed: {
    name: 'sluice_check_passed',
    help: 'Whether the newest result of the check crossed no threshold of this severity; 0 also where it could not be evaluated.',
    kind: 'gauge',
    labelNames: ['dataset', 'check', 'severity', 'scope', 'warehouse'],
  },
  checkViolations: {
    name: 'sluice_check_violations',
    help: 'Rows, or what else the check counts, that failed in its newest result.',
    kind: 'gauge',
    labelNames: ['dataset', 'check', 'scope', 'warehouse'],
  },
  checkLastRun: {
    name: 'sluice_check_last_run_timestamp_seconds',
    help: 'When the newest result of the check was found.',
    kind: 'gauge',
    labelNames: ['dataset', 'check', 'scope', 'warehouse'],
  },
} as const satisfies DeclaredMetrics;
