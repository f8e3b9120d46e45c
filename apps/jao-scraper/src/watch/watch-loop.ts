import type { DatasetContract } from '@sluice/schemas/jao';
import { claimDays } from '@sluice/warehouse/postgres';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

import { claimTtlMs } from '../collect/claim-keeper.ts';
import type { ClaimKeeper } from '../collect/claim-keeper.ts';
import { collectDay } from '../collect/collect-day.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { CollectContext, DayTask } from '../collect/collect-context.ts';
import { readDayStates } from '../store/day-state.ts';
import type { DatasetLeases } from './dataset-leases.ts';
import { dueAsks, followedDaysOf, planAsks } from './plan-asks.ts';
import type { PlannedAsk } from './plan-asks.ts';
import type { AskSchedule } from './next-ask.ts';
import { readProgress } from './read-progress.ts';

/** No pause is longer: leases are to be renewed, and others may have asked meanwhile. */
const longestPauseMs = 5_000;
const shortestPauseMs = 100;

/** What a watcher follows, and how. */
export interface WatchOptions {
  readonly contracts: readonly DatasetContract[];
  readonly datasetId: (name: string) => number;
  readonly schedule: AskSchedule;
  readonly concurrency: number;
  /** Whether to end when all is done that is due now. */
  readonly isOnce: boolean;
  readonly keeper: ClaimKeeper;
  readonly leases: DatasetLeases;
  /** Told each time the database was looked at. */
  readonly onRound: () => void;
  readonly onLease: (dataset: string, change: 'taken' | 'lost') => void;
  /** Told of each day that was asked for. */
  readonly onDay: (task: DayTask, result: DayCollected) => Promise<void>;
}

/**
 * Asks for days as they come due, until the run is to stop. What is due is told by the database alone,
 * so that whatever happened meanwhile, here or elsewhere, is caught up with.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function watchDays(context: CollectContext, options: WatchOptions): Promise<void> {
  // What ends the loop ends the days that are being asked for: they would only wait as long again.
  const ending = new AbortController();
  const working = { ...context, signal: AbortSignal.any([context.signal, ending.signal]) };
  const asked = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failure = Promise.withResolvers<never>();
  // Somebody waits for it in every round but the last.
  failure.promise.catch(() => undefined);
  const begin = (task: DayTask): void => {
    const name = nameOf(task);
    const work = collectDay(working, task)
      .then((result) => options.onDay(task, result))
      .finally(() => {
        options.keeper.remove(task.claim);
        running.delete(name);
      });
    running.set(name, work.catch(failure.reject));
  };
  try {
    while (!context.signal.aborted) {
      await keepLeases(options);
      const { due, pauseMs } = await look(context, options);
      options.onRound();
      const next = due.filter(
        (ask) => !running.has(nameOf(ask)) && !(options.isOnce && asked.has(nameOf(ask))),
      );
      const tasks = await claim(context, options, next, options.concurrency - running.size);
      for (const task of tasks) {
        asked.add(nameOf(task));
        begin(task);
      }
      if (options.isOnce && running.size === 0) {
        return;
      }
      await Promise.race([
        failure.promise,
        ...running.values(),
        delay(pauseMs, undefined, { signal: context.signal }).catch(() => undefined),
      ]);
    }
  } finally {
    ending.abort();
    await Promise.all(running.values());
  }
}

async function keepLeases({ contracts, leases, onLease }: WatchOptions): Promise<void> {
  const { taken, lost } = await leases.keep(contracts);
  for (const name of taken) {
    onLease(name, 'taken');
  }
  for (const name of lost) {
    onLease(name, 'lost');
  }
}

/** What is due by the clock of the database, and for how long there is nothing more. */
async function look(
  context: CollectContext,
  { contracts, leases, schedule }: WatchOptions,
): Promise<{
  readonly due: readonly PlannedAsk[];
  readonly pauseMs: number;
}> {
  return onDatabase(context, () =>
    context.db.read(async (tx) => {
      const { now_ms: nowMs } = await tx.row(
        z.object({ now_ms: z.number() }),
        'select (extract(epoch from clock_timestamp()) * 1000)::int8 as now_ms',
      );
      const asks: PlannedAsk[] = [];
      for (const contract of contracts.filter((each) => leases.holds(each))) {
        const progress = await readProgress(tx, contract, followedDaysOf(contract, nowMs));
        asks.push(...planAsks(contract, progress, schedule, nowMs));
      }
      const waits = asks.flatMap(({ atMs }) => (atMs > nowMs ? [atMs - nowMs] : []));
      return {
        due: dueAsks(asks, nowMs),
        pauseMs: Math.max(shortestPauseMs, Math.min(longestPauseMs, ...waits)),
      };
    }),
  );
}

async function claim(
  context: CollectContext,
  { datasetId, keeper }: WatchOptions,
  due: readonly PlannedAsk[],
  limit: number,
): Promise<readonly DayTask[]> {
  if (due.length === 0 || limit <= 0) {
    return [];
  }
  const { db, runId } = context;
  const claims = await onDatabase(context, () =>
    claimDays(db, {
      days: due.map(({ contract, day }) => ({ dataset: contract.name, businessDay: day })),
      limit,
      ttlMs: claimTtlMs,
      runId,
    }),
  );
  keeper.add(claims);
  const contracts = new Map(due.map(({ contract }) => [contract.name, contract]));
  const tasks: DayTask[] = [];
  for (const each of claims) {
    const contract = contracts.get(each.dataset);
    if (contract !== undefined) {
      const id = datasetId(contract.name);
      const day = each.businessDay;
      const states = await onDatabase(context, () => readDayStates(db, id, [day]));
      tasks.push({ contract, datasetId: id, day, claim: each, state: states.get(day) });
    }
  }
  return tasks;
}

function nameOf({ contract, day }: Pick<PlannedAsk, 'contract' | 'day'>): string {
  return `${contract.name} ${day}`;
}
