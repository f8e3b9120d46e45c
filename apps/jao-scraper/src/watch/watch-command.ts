import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DatasetContract } from '@sluice/schemas/jao';

import { keepClaims } from '../collect/claim-keeper.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { DayTask } from '../collect/collect-context.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import { runCollecting } from '../collect/collect-run.ts';
import type { CollectEnd, CollectRun } from '../collect/collect-run.ts';
import { RunTotals } from '../collect/run-totals.ts';
import type { CommandContext } from '../command-context.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { createRegistry } from '../metrics/registry.ts';
import { createSourceMetrics } from '../source/source-metrics.ts';
import { ensurePartitions, refreshWideViews } from '../store/upkeep.ts';
import { appVersion } from '../version.ts';
import { DatasetLeases } from './dataset-leases.ts';
import { startHealthServer } from './health-server.ts';
import type { Health } from './health-server.ts';
import { followedDaysOf } from './plan-asks.ts';
import { watchDays } from './watch-loop.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A loop that has not gone round for so long does not any more. */
const deadAfterMs = 180_000;
/** The database was reached within this time, or the process is not ready. */
const readyWithinMs = 60_000;

/** The options of `watch`. */
export interface WatchCommandOptions {
  readonly dataset?: readonly string[];
  readonly once?: boolean;
}

/** What a watcher is made of. */
interface Watcher {
  readonly contracts: readonly DatasetContract[];
  readonly isOnce: boolean;
  readonly metrics: WorkerMetrics;
  readonly onRound: () => void;
}

/**
 * `jao-scraper watch`: asks for each business day as it is due, and again for revisions, until it is
 * stopped. What was missed while nobody watched is caught up with.
 */
export async function watchCommand(
  context: CommandContext,
  options: WatchCommandOptions,
): Promise<ExitCode> {
  const contracts = selectDatasets(options.dataset);
  const isOnce = options.once === true;
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry, appVersion);
  const pulse = createPulse(metrics);
  const server = isOnce
    ? undefined
    : await startHealthServer(context.config.listen, registry, pulse.health);
  try {
    const failedDays = await runCollecting(
      context,
      {
        command: 'watch',
        dataset: contracts.length === 1 ? contracts[0]?.name : undefined,
        reservedTokens: 0,
        metrics: createSourceMetrics(registry, 'jao'),
      },
      (run) => {
        const datasets = contracts.map(({ name }) => name);
        run.log.info({ datasets, ...(server && { url: server.url }) }, 'watching');
        return watch(context, run, { contracts, isOnce, metrics, onRound: pulse.beat });
      },
    );
    return failedDays > 0 ? exitCodes.fellShort : exitCodes.done;
  } finally {
    await server?.close();
  }
}

async function watch(
  context: CommandContext,
  { collect, db, log, datasetId }: CollectRun,
  { contracts, isOnce, metrics, onRound }: Watcher,
): Promise<CollectEnd<number>> {
  const totals = new RunTotals();
  const failed = new Set<string>();
  const keeper = keepClaims(collect);
  const leases = new DatasetLeases(collect);
  const followed = contracts.flatMap((contract) => followedDaysOf(contract, Date.now())).sort();
  await onDatabase(collect, () =>
    ensurePartitions(db, followed.at(0) ?? '', followed.at(-1) ?? ''),
  );
  const onDay = async ({ contract, day }: DayTask, { written }: DayCollected) => {
    const name = `${contract.name} ${day}`;
    if (written === undefined) {
      failed.add(name);
      return;
    }
    failed.delete(name);
    totals.add(written);
    metrics.countCells(contract.name, written);
    if (written.hasNewKeys) {
      await refreshWideViews(collect);
    }
  };
  try {
    await watchDays(collect, {
      contracts,
      datasetId,
      schedule: { pollEveryMs: context.config.pollEvery, rechecks: context.config.recheck },
      concurrency: context.config.concurrency,
      isOnce,
      keeper,
      leases,
      onRound,
      onLease: (dataset, change) => {
        metrics.setLease(dataset, change === 'taken');
        if (change === 'lost') {
          metrics.countLostLease(dataset);
        }
        log.info({ dataset }, change === 'taken' ? 'lease taken' : 'lease lost to another process');
      },
      onDay,
    });
  } finally {
    await keeper.stop();
    await leases.release();
  }
  return {
    result: failed.size,
    totals: totals.value,
    error: isOnce ? describe(failed) : undefined,
  };
}

function describe(failed: ReadonlySet<string>): string | undefined {
  return failed.size === 0 ? undefined : `could not be fetched: ${[...failed].join(', ')}`;
}

/** Knows when the loop last went round. */
function createPulse(metrics: WorkerMetrics): {
  readonly beat: () => void;
  readonly health: Health;
} {
  const beganMs = performance.now();
  let lastMs: number | undefined;
  const sinceMs = (): number => performance.now() - (lastMs ?? beganMs);
  return {
    beat: () => {
      lastMs = performance.now();
      metrics.beat();
    },
    health: {
      isAlive: () => sinceMs() < deadAfterMs,
      isReady: () => lastMs !== undefined && sinceMs() < readyWithinMs,
    },
  };
}
