import type { DatasetContract } from '@sluice/schemas/jao';
import { claimDays } from '@sluice/warehouse/postgres';
import type { HeldDay } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from '../store/epoch-ms.ts';
import { claimTtlMs } from '../collect/claim-keeper.ts';
import type { ClaimKeeper } from '../collect/claim-keeper.ts';
import { collectDay } from '../collect/collect-day.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { CollectContext, DayTask } from '../collect/collect-context.ts';
import { readDayStates } from '../store/day-state.ts';
import type { DatasetLeases } from './dataset-leases.ts';
import type { DaysToAskAgain } from './days-to-ask-again.ts';
import type { MissedDays } from './missed-days.ts';
import { dueAsks, followedDaysOf, planAsks, recentDaysOf, uncollectedDays } from './plan-asks.ts';
import type { PlannedAsk } from './plan-asks.ts';
import type { AskSchedule } from './next-ask.ts';
import { createHeldWait } from './held-wait.ts';
import { createNap } from './nap.ts';
import { readProgress } from './read-progress.ts';

/** No pause is longer: leases are to be renewed, and others may have asked meanwhile. */
const longestPauseMs = 5_000;
const shortestPauseMs = 100;
/** How soon days that others hold are looked at again. */
const heldPauseMs = 500;

/** What a watcher follows, and how. */
export interface WatchOptions {
  readonly contracts: readonly DatasetContract[];
  readonly datasetId: (name: string) => number;
  readonly schedule: AskSchedule;
  readonly askAgain: DaysToAskAgain;
  readonly missed: MissedDays;
  readonly concurrency: number;
  /** Whether to end when all is done that is due now. */
  readonly isOnce: boolean;
  /** For how many milliseconds days that others hold are waited for before it ends without them. */
  readonly heldWaitMs: number;
  readonly keeper: ClaimKeeper;
  /** What this process schedules; undefined: everything, whoever else does. */
  readonly leases: DatasetLeases | undefined;
  /** Told each time the database was looked at. */
  readonly onRound: () => Promise<void>;
  readonly onLease: (dataset: string, change: 'taken' | 'lost') => void;
  /** Told when nothing is left to do but what others hold. */
  readonly onHeld: (held: readonly HeldDay[]) => void;
  /** Told of each day that was asked for. */
  readonly onDay: (task: DayTask, result: DayCollected) => Promise<void>;
}

/** What is left when a watcher ends. */
export interface WatchEnd {
  /** Days that are due and that nobody ever got, of the datasets that this process schedules. */
  readonly uncollected: readonly string[];
  /** Those that are due, and that others held for longer than they were waited for. */
  readonly held: readonly HeldDay[];
}

/**
 * Asks for days as they come due, until the run is to stop. What is due is told by the database
 * alone, so that whatever happened meanwhile, here or elsewhere, is caught up with.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function watchDays(context: CollectContext, options: WatchOptions): Promise<WatchEnd> {
  // What ends the loop ends the days that are being asked for: they would only wait as long again.
  const ending = new AbortController();
  const working = { ...context, signal: AbortSignal.any([context.signal, ending.signal]) };
  const asked = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const nap = createNap(context.signal);
  const failures: unknown[] = [];
  const work = async (task: DayTask): Promise<void> => {
    try {
      await options.onDay(task, await collectDay(working, task));
    } catch (error) {
      failures.push(error);
    } finally {
      options.keeper.remove(task.claim);
      running.delete(nameOf(task));
      nap.end();
    }
  };
  const others = createHeldWait(context, options);
  let uncollected: readonly string[] = [];
  try {
    while (!context.signal.aborted && failures.length === 0) {
      await keepLeases(options);
      // What ends after the look is not in what was seen: it takes one more.
      const wereRunning = new Set(running.keys());
      const seen = await look(context, options);
      uncollected = seen.uncollected;
      await options.onRound();
      const next = seen.due.filter(
        (ask) => !wereRunning.has(nameOf(ask)) && !(options.isOnce && asked.has(nameOf(ask))),
      );
      const tasks = await claim(context, options, next, options.concurrency - running.size);
      for (const task of tasks) {
        asked.add(nameOf(task));
        running.set(nameOf(task), work(task));
      }
      const isIdle = wereRunning.size === 0 && tasks.length === 0;
      const isHeld = await others.look(isIdle ? next : []);
      if (options.isOnce && isIdle && !isHeld) {
        break;
      }
      await nap.begin(isHeld ? heldPauseMs : seen.pauseMs);
    }
  } finally {
    ending.abort();
    await Promise.all(running.values());
    nap.close();
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return { uncollected, held: others.held };
}

async function keepLeases({ contracts, leases, onLease }: WatchOptions): Promise<void> {
  if (leases === undefined) {
    return;
  }
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
  { contracts, leases, schedule, askAgain, missed, isOnce }: WatchOptions,
): Promise<{
  readonly due: readonly PlannedAsk[];
  readonly pauseMs: number;
  readonly uncollected: readonly string[];
}> {
  return onDatabase(context, () =>
    context.db.read(async (tx) => {
      const { now_ms: nowMs } = await tx.row(
        z.object({ now_ms: z.number() }),
        `select ${epochMs('clock_timestamp()')} as now_ms`,
      );
      const asks: PlannedAsk[] = [];
      const uncollected: string[] = [];
      for (const contract of contracts.filter((each) => leases?.holds(each) ?? true)) {
        const recent = recentDaysOf(contract, { schedule, nowMs });
        const missedDays = await missed.readBefore(tx, contract, recent[0]);
        const plan = { schedule, nowMs, missedDays };
        const again = await askAgain.read(tx, contract, recent);
        const days = followedDaysOf(contract, plan);
        const progress = await readProgress(tx, contract, days, again);
        asks.push(...planAsks(contract, progress, plan));
        const due = uncollectedDays(contract, progress, plan);
        uncollected.push(...due.map((day) => nameOf({ contract, day })));
      }
      const waits = asks.flatMap(({ atMs }) => (atMs > nowMs ? [atMs - nowMs] : []));
      return {
        due: dueAsks(asks, { nowMs, isLastLook: isOnce }),
        pauseMs: Math.max(shortestPauseMs, Math.min(longestPauseMs, ...waits)),
        uncollected,
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
