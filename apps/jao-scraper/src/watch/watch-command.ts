import { say, stopSignal } from '@sluice/command-line';
import { createRegistry } from '@sluice/metrics';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { Logger } from 'pino';

import { DayChecker } from '../checks/day-checker.ts';
import { claimTtlMs, keepClaims } from '../collect/claim-keeper.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { CollectContext, DayTask } from '../collect/collect-context.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import { runCollecting } from '../collect/collect-run.ts';
import type { CollectEnd, CollectRun } from '../collect/collect-run.ts';
import type { CommandContext } from '../command-context.ts';
import type { Config } from '../config.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { openWebhook } from '../outbox/deliver-events.ts';
import type { Webhook } from '../outbox/webhook.ts';
import { createSourceMetrics } from '../source/source-metrics.ts';
import { ensurePartitions, refreshWideViews } from '../store/upkeep.ts';
import { appVersion } from '../version.ts';
import { beginDelivery } from './begin-delivery.ts';
import { DatasetLeases } from './dataset-leases.ts';
import { describeEnd, describeHeld } from './describe-end.ts';
import { startHealthServer } from './health-server.ts';
import type { Health } from './health-server.ts';
import { DaysToAskAgain } from './days-to-ask-again.ts';
import { MissedDays } from './missed-days.ts';
import type { AskSchedule } from './next-ask.ts';
import { watchDays } from './watch-loop.ts';
import type { WatchEnd } from './watch-loop.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A loop that has not gone round for so long, and waits for no database, does not any more. */
const deadAfterMs = 180_000;
const upkeepEveryMs = 600_000;
/** The database was reached within this time, or the process is not ready. */
const readyWithinMs = 60_000;
/** By then the claim of whoever has died has run out, and the loop has seen it. */
const defaultHeldWaitMs = claimTtlMs + 5_000;

/** The options of `watch`. */
export interface WatchCommandOptions {
  readonly dataset?: readonly string[];
  readonly once?: boolean;
  /** For how many milliseconds `once` waits for days that others hold. @default 65,000 */
  readonly heldWaitMs?: number;
  /** Whether a terminal gets all fields of each line of the log. */
  readonly verbose?: boolean;
}

/** What a watcher is made of. */
interface Watcher {
  readonly contracts: readonly DatasetContract[];
  readonly isOnce: boolean;
  readonly heldWaitMs: number;
  readonly metrics: WorkerMetrics;
  /** Where events go; undefined where they go nowhere from here. */
  readonly webhook: Webhook | undefined;
  readonly beat: () => void;
}

/**
 * `jao-scraper watch`: asks for each business day as it is due, and again for revisions, until it is
 * stopped. What was missed while nobody watched is caught up with. Where a webhook is configured, events are
 * delivered to it meanwhile.
 */
export async function watchCommand(
  context: CommandContext,
  options: WatchCommandOptions,
): Promise<ExitCode> {
  const contracts = selectDatasets(options.dataset);
  const { once: isOnce = false, heldWaitMs = defaultHeldWaitMs } = options;
  const webhook = await openWebhook(context);
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
    const { result: shortfall, wrongSums } = await runCollecting(
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
        const { beat } = pulse;
        return watch(context, run, { contracts, isOnce, heldWaitMs, metrics, webhook, beat });
      },
    );
    const shortfalls = [wrongSums, shortfall].filter((each) => each !== undefined);
    for (const each of shortfalls) {
      say(context, each);
    }
    return shortfalls.length === 0 ? exitCodes.done : exitCodes.fellShort;
  } finally {
    await server?.close();
    webhook?.close();
  }
}

async function watch(
  context: CommandContext,
  { collect, db, log, runId, datasetId }: CollectRun,
  { contracts, isOnce, heldWaitMs, metrics, webhook, beat }: Watcher,
): Promise<CollectEnd<string | undefined>> {
  const delivery = await beginDelivery(context, { run: collect, log, webhook, isOnce });
  const keeper = keepClaims(collect);
  // What is due now is asked for by whoever is told to, whoever schedules it: claims keep them apart.
  const leases = isOnce ? undefined : new DatasetLeases(collect);
  const upkeep = createUpkeep(collect, contracts);
  const settings = context.config.checks;
  const checker = new DayChecker({ db, runId, log, settings, now: context.now });
  const ended = createTally();
  const onDay = async (task: DayTask, result: DayCollected) => {
    const { contract, day } = task;
    const { outcome, written, audited } = result;
    ended.add(task, result);
    delivery.wake();
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
  let end: WatchEnd;
  try {
    const working = { ...collect, signal: delivery.signal };
    end = await watchDays(working, {
      contracts,
      datasetId,
      schedule: scheduleOf(context.config),
      askAgain: new DaysToAskAgain(context.config.coverageActions),
      missed: new MissedDays(),
      concurrency: context.config.concurrency,
      isOnce,
      heldWaitMs,
      keeper,
      leases,
      onRound: async () => {
        beat();
        await upkeep();
      },
      onLease: createLeaseTeller(metrics, log),
      onHeld: (held) => {
        log.info(
          { held: describeHeld(held), waitSeconds: Math.ceil(heldWaitMs / 1_000) },
          'waiting for days that others work on, or left behind when they died',
        );
      },
      onDay,
    });
    if (isOnce && !context.signal.aborted) {
      await checker.finish();
      await delivery.finish();
      log.info(ended.value, 'nothing more to do now');
    }
  } finally {
    await checker.stop();
    await keeper.stop();
    const released = (await leases?.release()) ?? [];
    if (context.signal.aborted) {
      const signal = stopSignal(context.signal);
      log.info({ signal, ...ended.value, leases: released }, 'stopped on request');
    }
    await delivery.stop();
  }
  const shortfall = isOnce && !context.signal.aborted ? describeEnd(end) : undefined;
  return { result: shortfall, error: shortfall };
}

function scheduleOf({ pollEvery, pollLead, recheck }: Config): AskSchedule {
  return { pollEveryMs: pollEvery, pollLeadMs: pollLead, rechecks: recheck };
}

function createLeaseTeller(
  metrics: WorkerMetrics,
  log: Logger,
): (dataset: string, change: 'taken' | 'lost') => void {
  return (dataset, change) => {
    metrics.setLease(dataset, change === 'taken');
    if (change === 'lost') {
      metrics.countLostLease(dataset);
    }
    log.info({ dataset }, change === 'taken' ? 'lease taken' : 'lease lost to another process');
  };
}

/** Counts the days that a watcher came to an end with, and names those whose claims it gave back. */
function createTally() {
  let [collected, failed] = [0, 0];
  const claims: string[] = [];
  return {
    add: ({ contract, day }: DayTask, { outcome, written }: DayCollected): void => {
      if (outcome === 'cancelled') {
        claims.push(`${contract.name} ${day}`);
      } else if (written === undefined) {
        failed += 1;
      } else {
        collected += 1;
      }
    },
    get value() {
      return { collected, failed, claims };
    },
  };
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
