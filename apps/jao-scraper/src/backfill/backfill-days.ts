import { collectDay } from '../collect/collect-day.ts';
import type { DayCollected } from '../collect/collect-day.ts';
import type { CollectContext } from '../collect/collect-context.ts';
import type { WantedDay } from './day-queue.ts';
import { workOnDays } from './work-on-days.ts';

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
  await workOnDays(context, days, {
    concurrency,
    isRefetch,
    onSkipped: (day) => {
      onDay(day, 'skipped');
    },
    workOn: async (working, task) => {
      const result = await collectDay(working, task);
      if (result.outcome === 'fenced') {
        return 'lost';
      }
      onDay(task, result);
      return 'done';
    },
  });
}
