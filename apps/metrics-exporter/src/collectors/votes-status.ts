import type { Labels, MetricDeclaration, MetricFamily, Sample } from '@sluice/metrics';
import { controlTotalNames, warehouseStatusSchema } from '@sluice/schemas';
import type { WarehouseStatus } from '@sluice/schemas';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import type { Collector } from '../gather/collector.ts';

/** Far above what 50 runs of 100 files each take. */
const maxBytes = 64 * 2 ** 20;

const gauge = (name: string, help: string) => ({ name, help, kind: 'gauge' }) as const;
const counter = (name: string, help: string) => ({ name, help, kind: 'counter' }) as const;

/** Of each status file; `warehouse` is the file's path as it was given, less `.status.json`. */
export const votesStatusMetrics = {
  written: gauge(
    'sluice_warehouse_status_written_timestamp_seconds',
    'When the status file was written: after each run.',
  ),
  fileBytes: gauge('sluice_warehouse_file_bytes', 'Size of the warehouse file.'),
  walBytes: gauge(
    'sluice_warehouse_wal_bytes',
    'Size of its write-ahead log; 0 where there is none, as after each run.',
  ),
  rows: gauge('sluice_warehouse_rows', 'Rows in the table that data scientists see.'),
  newestRecord: gauge(
    'sluice_dataset_newest_record_timestamp_seconds',
    'The latest time that any record of the dataset is about.',
  ),
  lastStart: gauge(
    'sluice_job_last_start_timestamp_seconds',
    'When the newest run of the job began.',
  ),
  lastCompletion: gauge(
    'sluice_job_last_completion_timestamp_seconds',
    'When the newest run of the job ended, well or badly.',
  ),
  lastSuccess: gauge(
    'sluice_job_last_success_timestamp_seconds',
    'When a run of the job last ended well.',
  ),
  lastDuration: gauge(
    'sluice_job_last_duration_seconds',
    'How long the newest run of the job took that has ended.',
  ),
  running: gauge('sluice_job_running', 'Runs of the job that have not ended.'),
  runs: counter('sluice_job_runs_total', 'Runs of the job that have ended, well or badly.'),
  runFailures: counter(
    'sluice_job_run_failures_total',
    'Runs of the job that failed, or whose process died, by which of the two.',
  ),
  records: counter(
    'sluice_ingest_rows_total',
    'Records by what became of them: accepted, duplicate, conflicting, quarantined or refused.',
  ),
  read: counter('sluice_ingest_rows_read_total', 'Records that were read.'),
  unaccounted: gauge(
    'sluice_ingest_rows_unaccounted',
    'Records that were read, less those of which the ledger knows what became of them: always 0.',
  ),
  files: gauge(
    'sluice_warehouse_files',
    'Files on the ledger by what became of them; one that is unloaded is not ingested any more.',
  ),
  lastFileRows: gauge(
    'sluice_ingest_last_file_rows',
    'Records of the newest file by what became of them.',
  ),
  quarantine: gauge('sluice_quarantine_rows', 'Open entries in quarantine by their reason.'),
  quarantineOldest: gauge(
    'sluice_quarantine_oldest_timestamp_seconds',
    'Since when the oldest open entry is in quarantine.',
  ),
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

/** Reads one status file, and looks how large the warehouse is. It never opens the warehouse. */
export function votesStatusCollector(path: string): Collector {
  const warehouse = path.replace(/\.status\.json$/, '');
  return {
    name: `votes_status ${path}`,
    collect: async () => {
      const status = await readStatus(path);
      return familiesOf(status, { warehouse, sizes: await readSizes(warehouse) });
    },
  };
}

async function readStatus(path: string): Promise<WarehouseStatus> {
  // A FIFO of that name would keep an ordinary open waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) {
      throw new TypeError(`${path}: not a regular file`);
    }
    if (found.size > maxBytes) {
      throw new RangeError(`${path}: ${String(found.size)} bytes, more than ${String(maxBytes)}`);
    }
    const parsed = warehouseStatusSchema.safeParse(JSON.parse(await file.readFile('utf8')));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new TypeError(
        `${path}: not a status file of version 1: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      );
    }
    return parsed.data;
  } finally {
    await file.close();
  }
}

interface Sizes {
  readonly fileBytes: number;
  readonly walBytes: number;
}

async function readSizes(warehouse: string): Promise<Sizes> {
  const sizeOf = async (path: string): Promise<number> => {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return 0;
      }
      throw error;
    }
  };
  return { fileBytes: await sizeOf(warehouse), walBytes: await sizeOf(`${warehouse}.wal`) };
}

function familiesOf(
  status: WarehouseStatus,
  { warehouse, sizes }: { readonly warehouse: string; readonly sizes: Sizes },
): MetricFamily[] {
  const metrics = votesStatusMetrics;
  const ofDataset = { dataset: status.dataset, warehouse };
  const family = (metric: MetricDeclaration, samples: readonly Sample[]): MetricFamily => ({
    ...metric,
    samples,
  });
  const one = (metric: MetricDeclaration, value: number | undefined, labels: Labels = ofDataset) =>
    family(metric, value === undefined ? [] : [{ labels, value }]);
  const each = (
    metric: MetricDeclaration,
    name: string,
    values: Readonly<Record<string, number>>,
  ) =>
    family(
      metric,
      Object.entries(values).map(([key, value]) => ({
        labels: { ...ofDataset, [name]: key },
        value,
      })),
    );
  const { read, ...fates } = status.totals;
  const accounted = Object.values(fates).reduce((sum, count) => sum + count, 0);
  const lastFile = status.runs.flatMap((run) => run.files)[0];
  return [
    one(metrics.written, secondsOf(status.writtenAt)),
    one(metrics.fileBytes, sizes.fileBytes),
    one(metrics.walBytes, sizes.walBytes),
    one(metrics.rows, status.contents.rows),
    one(metrics.newestRecord, secondsOf(utcOf(status.freshness.newestVoteAt))),
    ...jobFamilies(status, warehouse),
    one(metrics.read, read),
    each(metrics.records, 'outcome', fates),
    one(metrics.unaccounted, read - accounted),
    each(metrics.files, 'outcome', status.filesByOutcome),
    each(
      metrics.lastFileRows,
      'outcome',
      lastFile === undefined
        ? {}
        : Object.fromEntries(controlTotalNames.map((name) => [name, lastFile[name]])),
    ),
    each(metrics.quarantine, 'reason', status.openQuarantine.byReason),
    one(metrics.quarantineOldest, secondsOf(status.openQuarantine.oldestAt)),
  ];
}

function jobFamilies(status: WarehouseStatus, warehouse: string): MetricFamily[] {
  const metrics = votesStatusMetrics;
  const labels = { job_name: 'votes-ingest', warehouse };
  const { succeeded, failed, abandoned } = status.runsByOutcome;
  const newest = status.runs[0];
  const ended = status.runs.find(({ endedAt }) => endedAt !== null);
  const endedAt = secondsOf(ended?.endedAt);
  const beganAt = secondsOf(ended?.startedAt);
  const one = (metric: MetricDeclaration, value: number | undefined): MetricFamily => ({
    ...metric,
    samples: value === undefined ? [] : [{ labels, value }],
  });
  return [
    one(metrics.lastStart, secondsOf(newest?.startedAt)),
    one(metrics.lastCompletion, endedAt),
    one(metrics.lastSuccess, secondsOf(status.freshness.lastSucceededAt)),
    one(
      metrics.lastDuration,
      endedAt === undefined || beganAt === undefined ? undefined : endedAt - beganAt,
    ),
    one(metrics.running, status.runs.filter(({ outcome }) => outcome === 'running').length),
    one(metrics.runs, succeeded + failed + abandoned),
    {
      ...metrics.runFailures,
      samples: [
        { labels: { ...labels, reason: 'failed' }, value: failed },
        { labels: { ...labels, reason: 'abandoned' }, value: abandoned },
      ],
    },
  ];
}

/** Times of votes are UTC, and say so nowhere. */
function utcOf(text: string | null): string | null {
  return text === null || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`;
}

function secondsOf(instant: string | null | undefined): number | undefined {
  const ms = instant == null ? NaN : Date.parse(instant);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
