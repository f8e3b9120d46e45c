import type { MetricFamily } from '@sluice/metrics';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { checkFamilies } from './check-families.ts';
import type { KnownStatus } from './known-status.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { readWarehouseSizes, statusFileReader } from './read-status-file.ts';
import type { WarehouseSizes } from './read-status-file.ts';

const ofWarehouse = ['dataset', 'warehouse'] as const;

/** What only status files tell; `warehouse` is the file's path as it was given, less `.status.json`. */
export const votesStatusMetrics = {
  written: {
    name: 'sluice_warehouse_status_written_timestamp_seconds',
    help: 'When the status file was written: after each run.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
  fileBytes: {
    name: 'sluice_warehouse_file_bytes',
    help: 'Size of the warehouse file; 0 where there is none.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
  walBytes: {
    name: 'sluice_warehouse_wal_bytes',
    help: 'Size of its write-ahead log; 0 where there is none, as after each run.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
  rows: {
    name: 'sluice_warehouse_rows',
    help: 'Rows in the table that data scientists see.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
  files: {
    name: 'sluice_warehouse_files',
    help: 'Files on the ledger by what became of them; one that is unloaded is not ingested any more.',
    kind: 'gauge',
    labelNames: [...ofWarehouse, 'outcome'],
  },
  lastFileRows: {
    name: 'sluice_ingest_last_file_rows',
    help: 'Records of the newest file by what became of them.',
    kind: 'gauge',
    labelNames: [...ofWarehouse, 'outcome'],
  },
  arrivalFiles: {
    name: 'sluice_arrival_files',
    help: 'Expected files by their state when the status file was written.',
    kind: 'gauge',
    labelNames: [...ofWarehouse, 'state'],
  },
  arrivalDue: {
    name: 'sluice_arrival_next_due_timestamp_seconds',
    help: 'When the next expected file is, or was, due.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
  arrivalMissing: {
    name: 'sluice_arrival_next_missing_timestamp_seconds',
    help: 'From when on the next expected file is missing, and not only late.',
    kind: 'gauge',
    labelNames: ofWarehouse,
  },
} as const satisfies DeclaredMetrics;

type WarehouseLabels = Readonly<Record<'dataset' | 'warehouse', string>>;

/** Reads one status file, and looks how large the warehouse is. It never opens the warehouse. */
export function votesStatusCollector(path: string): Collector {
  const warehouse = path.replace(/\.status\.json$/, '');
  const read = statusFileReader(path, (status) => {
    const labels = { dataset: status.dataset, warehouse };
    const families = [
      ...contentFamilies(status, labels),
      ...jobFamilies(status, warehouse),
      ...rowFamilies(status, labels),
      ...qualityFamilies(status, labels),
      ...arrivalFamilies(status, labels),
    ];
    return { labels, families };
  });
  return {
    name: `votes_status ${path}`,
    collect: async () => {
      const { labels, families } = await read();
      return [...families, ...sizeFamilies(labels, await readWarehouseSizes(warehouse))];
    },
  };
}

function sizeFamilies(labels: WarehouseLabels, sizes: WarehouseSizes): MetricFamily[] {
  return [
    familyOf(votesStatusMetrics.fileBytes, [[labels, sizes.fileBytes]]),
    familyOf(votesStatusMetrics.walBytes, [[labels, sizes.walBytes]]),
  ];
}

function contentFamilies(status: KnownStatus, labels: WarehouseLabels): MetricFamily[] {
  const metrics = votesStatusMetrics;
  return [
    familyOf(metrics.written, [[labels, secondsOf(status.writtenAt)]]),
    familyOf(metrics.rows, [[labels, status.contents.rows]]),
    familyOf(
      metrics.files,
      Object.entries(status.filesByOutcome).map(([outcome, files]) => [
        { ...labels, outcome },
        files,
      ]),
    ),
    familyOf(ledgerMetrics.newestRecord, [
      [labels, secondsOf(utcOf(status.freshness.newestVoteAt))],
    ]),
  ];
}

function jobFamilies(status: KnownStatus, warehouse: string): MetricFamily[] {
  const labels = { job_name: 'votes-ingest', warehouse };
  const { succeeded, failed, abandoned } = status.runsByOutcome;
  const ended = status.runs.find(({ endedAt }) => endedAt !== null);
  const endedAt = secondsOf(ended?.endedAt);
  const beganAt = secondsOf(ended?.startedAt);
  const durationSeconds =
    endedAt === undefined || beganAt === undefined ? undefined : endedAt - beganAt;
  const running = status.runs.filter(({ outcome }) => outcome === 'running').length;
  return [
    familyOf(ledgerMetrics.lastStart, [[labels, secondsOf(status.runs[0]?.startedAt)]]),
    familyOf(ledgerMetrics.lastCompletion, [[labels, endedAt]]),
    familyOf(ledgerMetrics.lastSuccess, [[labels, secondsOf(status.freshness.lastSucceededAt)]]),
    familyOf(ledgerMetrics.lastDuration, [[labels, durationSeconds]]),
    familyOf(ledgerMetrics.running, [[labels, running]]),
    familyOf(ledgerMetrics.runs, [[labels, succeeded + failed + abandoned]]),
    familyOf(ledgerMetrics.runFailures, [
      [{ ...labels, reason: 'failed' }, failed],
      [{ ...labels, reason: 'abandoned' }, abandoned],
    ]),
  ];
}

function rowFamilies(status: KnownStatus, labels: WarehouseLabels): MetricFamily[] {
  const { read, ...fates } = status.totals;
  const accounted = Object.values(fates).reduce((sum, count) => sum + count, 0);
  const lastFile = status.runs.flatMap((run) => run.files)[0];
  // What was read is the sum of the others, and would be counted twice beside them.
  const outcomes = Object.entries(fates) as [keyof typeof fates, number][];
  return [
    familyOf(ledgerMetrics.rowsRead, [[labels, read]]),
    familyOf(
      ledgerMetrics.rows,
      outcomes.map(([outcome, count]) => [{ ...labels, outcome }, count]),
    ),
    familyOf(ledgerMetrics.rowsUnaccounted, [[labels, read - accounted]]),
    familyOf(
      votesStatusMetrics.lastFileRows,
      outcomes.map(([outcome]) => [{ ...labels, outcome }, lastFile?.[outcome]]),
    ),
  ];
}

function qualityFamilies(status: KnownStatus, labels: WarehouseLabels): MetricFamily[] {
  return [
    familyOf(
      ledgerMetrics.quarantine,
      Object.entries(status.openQuarantine.byReason).map(([reason, entries]) => [
        { ...labels, reason },
        entries,
      ]),
    ),
    familyOf(ledgerMetrics.quarantineOldest, [[labels, secondsOf(status.openQuarantine.oldestAt)]]),
    ...checkFamilies([
      ...status.checks.map(({ id, outcome }) => ({
        labels: { ...labels, check: id, scope: 'ledger' },
        outcome,
        failing: null,
        checkedAtSeconds: secondsOf(status.writtenAt),
      })),
      ...(status.quality ?? []).map(({ checkId, scope, outcome, failing, checkedAt }) => ({
        labels: { ...labels, check: checkId, scope: scope === null ? 'table' : 'file' },
        outcome,
        failing,
        checkedAtSeconds: secondsOf(checkedAt),
      })),
    ]),
  ];
}

function arrivalFamilies({ arrivals }: KnownStatus, labels: WarehouseLabels): MetricFamily[] {
  return [
    familyOf(
      votesStatusMetrics.arrivalFiles,
      Object.entries(arrivals?.byState ?? {}).map(([state, files]) => [
        { ...labels, state },
        files,
      ]),
    ),
    familyOf(votesStatusMetrics.arrivalDue, [[labels, secondsOf(arrivals?.next?.dueAt)]]),
    familyOf(votesStatusMetrics.arrivalMissing, [[labels, secondsOf(arrivals?.next?.missingAt)]]),
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
