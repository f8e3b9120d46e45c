import { keepClaims } from '../collect/claim-keeper.ts';
import type { DayTask, RunContext } from '../collect/collect-context.ts';
import { DayQueue } from './day-queue.ts';
import type { WantedDay } from './day-queue.ts';

/** Enough that no worker waits for the next look at the database; few, as others may want them. */
const claimsPerWorker = 4;

/** What is done with days. */
export interface DayWork<Context extends RunContext> {
  /** Days that are worked on at once. */
  readonly concurrency: number;
  /** Whether finished days are worked on again. */
  readonly isRefetch: boolean;
  /** Told of each day that turns out to be finished. @default nobody is told */
  readonly onSkipped?: (day: WantedDay) => void;
  /**
   * Works on a day under its claim, and lets go of it. Its context is the run's, with a signal that is
   * aborted also when another worker has failed; what it throws ends all. A day is `lost` where another
   * process has taken it over.
   */
  readonly workOn: (working: Context, task: DayTask) => Promise<'done' | 'lost'>;
}

/**
 * Works on days, several at once, together with other processes that want the same ones. Ends when
 * each is done or skipped, or when the run is to stop.
 *
 * @throws {PostgresError} where the database stays away; and what `workOn` throws.
 */
export async function workOnDays<Context extends RunContext>(
  context: Context,
  days: readonly WantedDay[],
  { concurrency, isRefetch, onSkipped = () => undefined, workOn }: DayWork<Context>,
): Promise<void> {
  // What ends one worker ends all: the others would only wait for the same database.
  const failure = new AbortController();
  const working = { ...context, signal: AbortSignal.any([context.signal, failure.signal]) };
  const keeper = keepClaims(context);
  const batch = concurrency * claimsPerWorker;
  const queue = new DayQueue(working, days, { keeper, batch, isRefetch, onSkipped });
  const work = async (): Promise<void> => {
    try {
      for (let task = await queue.next(); task !== undefined; task = await queue.next()) {
        const end = await workOn(working, task);
        keeper.remove(task.claim);
        if (end === 'lost') {
          // It is another's now, who may fail or die: what becomes of it there is seen to in turn.
          queue.putBack(task);
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
