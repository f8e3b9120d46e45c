import { Counter, Gauge } from '@sluice/metrics';
import type { Registry } from '@sluice/metrics';

/** What became of a cell, as `ops.counter` has it: `value` is that it got another one. */
const revisionKinds = ['added', 'value', 'withdrawn'] as const;

/** The levels of the log that are in use, the least first. */
const logLevels = ['info', 'warn', 'error'] as const;

/** What a watcher tells of itself, besides its requests. */
export interface WorkerMetrics {
  /** Cells that a stored day added, revised or withdrew. */
  readonly countCells: (
    dataset: string,
    cells: { readonly added: number; readonly revised: number; readonly withdrawn: number },
  ) => void;
  readonly setLease: (dataset: string, isHeld: boolean) => void;
  readonly countLostLease: (dataset: string) => void;
  /** A write that was refused, as another process had taken the day over. */
  readonly countFencedWrite: (dataset: string) => void;
  readonly countLogMessage: (level: string) => void;
  /** That the loop goes round. */
  readonly beat: () => void;
}

/** Who runs, and for what. */
export interface WorkerMetricsOptions {
  readonly version: string;
  /** The commit that it was built from. */
  readonly revision: string;
  /** By their full names: each is a shard of the work, under a lease of its own. */
  readonly datasets: readonly string[];
}

/**
 * Adds the metrics of a watcher to a registry that has none of them yet. What can be counted is there
 * from the start, at 0; so are the leases that it does not hold, which a standby has none of.
 */
export function createWorkerMetrics(
  registry: Registry,
  { version, revision, datasets }: WorkerMetricsOptions,
): WorkerMetrics {
  const registers = [registry];
  const revisions = new Counter({
    name: 'sluice_revisions_total',
    help: 'Cells of time series by what this process stored of them: added, value (another one) or withdrawn.',
    labelNames: ['dataset', 'kind'],
    registers,
  });
  const log = new Counter({
    name: 'sluice_log_messages_total',
    help: 'Lines of the log of this process.',
    labelNames: ['level'],
    registers,
  });
  const heartbeat = new Gauge({
    name: 'sluice_worker_heartbeat_timestamp_seconds',
    help: 'When the loop of this process last went round.',
    registers,
  });
  new Gauge({
    name: 'sluice_build_info',
    help: 'What runs here; always 1.',
    labelNames: ['version', 'revision'],
    registers,
  }).set({ version, revision }, 1);
  for (const level of logLevels) {
    log.inc({ level }, 0);
  }
  for (const dataset of datasets) {
    for (const kind of revisionKinds) {
      revisions.inc({ dataset, kind }, 0);
    }
  }
  return {
    ...createShardMetrics(registry, datasets),
    countCells: (dataset, { added, revised, withdrawn }) => {
      revisions.inc({ dataset, kind: 'added' }, added);
      revisions.inc({ dataset, kind: 'value' }, revised);
      revisions.inc({ dataset, kind: 'withdrawn' }, withdrawn);
    },
    countLogMessage: (level) => {
      log.inc({ level });
    },
    beat: () => {
      heartbeat.setToCurrentTime();
    },
  };
}

function createShardMetrics(
  registry: Registry,
  datasets: readonly string[],
): Pick<WorkerMetrics, 'setLease' | 'countLostLease' | 'countFencedWrite'> {
  const shared = { labelNames: ['shard'], registers: [registry] };
  const lease = new Gauge({
    name: 'sluice_worker_lease_held',
    help: 'Whether this process schedules the dataset: 1, or 0 on a standby.',
    ...shared,
  });
  const lost = new Counter({
    name: 'sluice_worker_lease_losses_total',
    help: 'Leases that another process took over from this one.',
    ...shared,
  });
  const fenced = new Counter({
    name: 'sluice_worker_fenced_writes_total',
    help: 'Writes that were refused, as another process had taken the day over.',
    ...shared,
  });
  for (const shard of datasets) {
    lease.set({ shard }, 0);
    lost.inc({ shard }, 0);
    fenced.inc({ shard }, 0);
  }
  return {
    setLease: (shard, isHeld) => {
      lease.set({ shard }, isHeld ? 1 : 0);
    },
    countLostLease: (shard) => {
      lost.inc({ shard });
    },
    countFencedWrite: (shard) => {
      fenced.inc({ shard });
    },
  };
}
