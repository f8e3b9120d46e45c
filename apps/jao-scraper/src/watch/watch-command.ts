import { say } from '@sluice/command-line';
import { createRegistry } from '@sluice/metrics';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DatasetContract } from '@sluice/schemas/jao';

import { DayChecker } from '../checks/day-checker.ts';
import { keepClaims } from '../collect/claim-keeper.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { CollectContext, DayTask } from '../collect/collect-context.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import { runCollecting } from '../collect/collect-run.ts';
import type { CollectEnd, CollectRun } from '../collect/collect-run.ts';
import type { CommandContext } from '../command-context.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { createSourceMetrics } from '../source/source-metrics.ts';
import { ensurePartitions, refreshWideViews } from '../store/upkeep.ts';
import { appVersion } from '../version.ts';
import { DatasetLeases } from './dataset-leases.ts';
import { startHealthServer } from './health-server.ts';
import type { Health } from './health-server.ts';
import { DaysToAskAgain } from './days-to-ask-again.ts';
import { MissedDays } from './missed-days.ts';
import { watchDays } from './watch-loop.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A loop that has not gone round for so long, and waits for no database, does not any more. */
const deadAfterMs = 180_000;
const upkeepEveryMs = 600_000;
/** The database was reached within this time, or the process is not ready. */
const readyWithinMs = 60_000;

/** The options of `watch`. */
export interface WatchCommandOptions {
  readonly dataset?: readonly string[];
  readonly once?: boolean;
  /** Whether a terminal gets all fields of each line of the log. */
  readonly verbose?: boolean;
}

/** What a watcher is made of. */
interface Watcher {
  readonly contracts: readonly DatasetContract[];
  readonly isOnce: boolean;
  readonly metrics: WorkerMetrics;
  readonly beat: () => void;
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
  const metrics = createWorkerMetrics(registry, {
    version: appVersion,
    revision: context.config.revision,
    datasets: contracts.map(({ name }) => name),
  });
  const pulse = createPulse(metrics, context.config.databaseWait);
  const server = isOnce
    ? undefined
    : await startHealthServer(context.config.listen, registry, pulse.health);
  try {
    const { result: uncollected, wrongSums } = await runCollecting(
      context,
      {
        command: 'watch',
        dataset: contracts.length === 1 ? contracts[0]?.name : undefined,
        reservedTokens: 0,
        metrics: createSourceMetrics(registry, 'jao'),
        log: { isVerbose: options.verbose, onMessage: metrics.countLogMessage },
      },
      (run) => {
        const datasets = contracts.map(({ name }) => name);
        run.log.info({ datasets, ...(server && { url: server.url }) }, 'watching');
        return watch(context, run, { contracts, isOnce, metrics, beat: pulse.beat });
      },
    );
    const shortfalls = [
      ...(wrongSums === undefined ? [] : [wrongSums]),
      ...(isOnce && uncollected.length > 0
        ? [`${describe(uncollected) ?? ''}; see jao-scraper coverage`]
        : []),
    ];
    for (const shortfall of shortfalls) {
      say(context, shortfall);
    }
    return shortfalls.length === 0 ? exitCodes.done : exitCodes.fellShort;
  } finally {
    await server?.close();
  }
}

async function watch(
  context: CommandContext,
  { collect, db, log, runId, datasetId }: CollectRun,
  { contracts, isOnce, metrics, beat }: Watcher,
): Promise<CollectEnd<readonly string[]>> {
  const keeper = keepClaims(collect);
  const leases = new DatasetLeases(collect);
  const upkeep = createUpkeep(collect, contracts);
  const settings = context.config.checks;
  const checker = new DayChecker({ db, runId, log, settings, now: context.now });
  const onDay = async ({ contract, day }: DayTask, { outcome, written, audited }: DayCollected) => {
    if (written !== undefined) {
      metrics.countCells(contract.name, written);
    }
    if (outcome === 'fenced') {
      metrics.countFencedWrite(contract.name);
    }
    if (outcome === 'stored') {
      checker.add(contract, day, audited);
    }
    if (written?.hasNewKeys === true) {
      await refreshWideViews(collect);
    }
  };
  let uncollected: readonly string[];
  try {
    uncollected = await watchDays(collect, {
      contracts,
      datasetId,
      schedule: {
        pollEveryMs: context.config.pollEvery,
        pollLeadMs: context.config.pollLead,
        rechecks: context.config.recheck,
      },
      askAgain: new DaysToAskAgain(context.config.coverageActions),
      missed: new MissedDays(),
      concurrency: context.config.concurrency,
      isOnce,
      keeper,
      leases,
      onRound: async () => {
        beat();
        await upkeep();
      },
      onLease: (dataset, change) => {
        metrics.setLease(dataset, change === 'taken');
        if (change === 'lost') {
          metrics.countLostLease(dataset);
        }
        log.info({ dataset }, change === 'taken' ? 'lease taken' : 'lease lost to another process');
      },
      onDay,
    });
    if (isOnce && !context.signal.aborted) {
      await checker.finish();
    }
    const others = contracts.filter((contract) => !leases.holds(contract)).map(({ name }) => name);
    if (isOnce && others.length > 0) {
      log.warn(
        { datasets: others },
        'another watcher schedules these, and nothing was done for them',
      );
    }
  } finally {
    await checker.stop();
    await keeper.stop();
    await leases.release();
  }
  return { result: uncollected, error: isOnce ? describe(uncollected) : undefined };
}

/** Where too many are missing to be named, the first ones tell enough. */
const namedDays = 10;

function describe(uncollected: readonly string[]): string | undefined {
  const rest = uncollected.length - namedDays;
  return uncollected.length === 0
    ? undefined
    : `due, and not collected: ${uncollected.slice(0, namedDays).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** What is to be seen to now and then: partitions ahead, and views that lack a key. */
function createUpkeep(
  collect: CollectContext,
  contracts: readonly DatasetContract[],
): () => Promise<void> {
  let doneMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - doneMs < upkeepEveryMs) {
      return;
    }
    const first = contracts.map(({ firstBusinessDay }) => firstBusinessDay).sort()[0] ?? '';
    await onDatabase(collect, () => ensurePartitions(collect.db, first, first));
    await refreshWideViews(collect);
    doneMs = performance.now();
  };
}

/** Knows when the loop last went round. */
function createPulse(
  metrics: WorkerMetrics,
  databaseWaitMs: number,
): {
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
      isAlive: () => sinceMs() < deadAfterMs + databaseWaitMs,
      isReady: () => lastMs !== undefined && sinceMs() < readyWithinMs,
    },
  };
}
