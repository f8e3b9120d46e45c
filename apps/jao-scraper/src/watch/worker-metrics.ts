import { Counter, Gauge } from '@sluice/metrics';
import type { Registry } from '@sluice/metrics';

/** What a watcher tells of itself, besides its requests. */
export interface WorkerMetrics {
  /** Cells that a stored day added, revised or withdrew. */
  readonly countCells: (
    dataset: string,
    cells: { readonly added: number; readonly revised: number; readonly withdrawn: number },
  ) => void;
  readonly setLease: (dataset: string, isHeld: boolean) => void;
  readonly countLostLease: (dataset: string) => void;
  /** That the loop goes round. */
  readonly beat: () => void;
}

/** Adds the metrics of a watcher to a registry that has none of them yet. */
export function createWorkerMetrics(registry: Registry, version: string): WorkerMetrics {
  const registers = [registry];
  const cells = new Counter({
    name: 'sluice_worker_cells_total',
    help: 'Cells of time series by what this process stored of them: added, value (another one) or withdrawn.',
    labelNames: ['dataset', 'kind'],
    registers,
  });
  const lease = new Gauge({
    name: 'sluice_worker_lease_held',
    help: 'Whether this process schedules the dataset.',
    labelNames: ['dataset'],
    registers,
  });
  const lost = new Counter({
    name: 'sluice_worker_lease_losses_total',
    help: 'Leases that another process took over from this one.',
    labelNames: ['dataset'],
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
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version, node_version: process.version }, 1);
  return {
    countCells: (dataset, { added, revised, withdrawn }) => {
      cells.inc({ dataset, kind: 'added' }, added);
      cells.inc({ dataset, kind: 'value' }, revised);
      cells.inc({ dataset, kind: 'withdrawn' }, withdrawn);
    },
    setLease: (dataset, isHeld) => {
      lease.set({ dataset }, isHeld ? 1 : 0);
      lost.inc({ dataset }, 0);
    },
    countLostLease: (dataset) => {
      lost.inc({ dataset });
    },
    beat: () => {
      heartbeat.setToCurrentTime();
    },
  };
}
