import { keepClaims } from '../collect/claim-keeper.ts';
import { collectDay } from '../collect/collect-day.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import type { CollectContext } from '../collect/collect-context.ts';
import { DayQueue } from './day-queue.ts';
import type { WantedDay } from './day-queue.ts';

/** Enough that no worker waits for the next look at the database; few, as others may want them. */
const claimsPerWorker = 4;

/** How a backfill goes about it. */
export interface BackfillOptions {
  /** Days that are asked for at once. */
  readonly concurrency: number;
  /** Whether finished days are asked for again. */
  readonly isRefetch: boolean;
  /** Told of each day once. */
  readonly onDay: (day: WantedDay, result: DayCollected | 'skipped') => void;
}

/**
 * Collects days, several at once, together with other processes that want the same ones. Ends when
 * each is collected, skipped as finished, or failed; or when the run is to stop.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function backfillDays(
  context: CollectContext,
  days: readonly WantedDay[],
  { concurrency, isRefetch, onDay }: BackfillOptions,
): Promise<void> {
  // What ends one worker ends all: the others would only wait for the same database.
  const failure = new AbortController();
  const working = { ...context, signal: AbortSignal.any([context.signal, failure.signal]) };
  const keeper = keepClaims(context);
  const queue = new DayQueue(working, days, {
    keeper,
    batch: concurrency * claimsPerWorker,
    isRefetch,
    onSkipped: (day) => {
      onDay(day, 'skipped');
    },
  });
  const work = async (): Promise<void> => {
    try {
      for (let task = await queue.next(); task !== undefined; task = await queue.next()) {
        const result = await collectDay(working, task);
        keeper.remove(task.claim);
        if (result.outcome === 'fenced') {
          // It is another's now, who may fail or die.
          queue.putBack(task);
        } else {
          onDay(task, result);
        }
      }
    } catch (error) {
      failure.abort(error);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
    failure.signal.throwIfAborted();
  } finally {
    await keeper.stop();
    await queue.close();
  }
}
