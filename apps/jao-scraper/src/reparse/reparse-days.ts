import { PostgresError, releaseClaims } from '@sluice/warehouse/postgres';

import type { WantedDay } from '../backfill/day-queue.ts';
import { workOnDays } from '../backfill/work-on-days.ts';
import { letGo, onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';
import { UnreadablePayload } from '../replay/replay-day.ts';
import { SeriesRegistry } from '../store/series-registry.ts';
import type { ReparseCounter } from './count-reparsed.ts';
import { reparseDay } from './reparse-day.ts';

/** How a re-reading goes about it. */
export interface ReparseOptions {
  /** Days that are read at once. */
  readonly concurrency: number;
  readonly counter: ReparseCounter;
  /** Who has entries of quarantine replayed that can be read now. */
  readonly by: string;
  /** Told of each day that is done. */
  readonly onDay: () => void;
}

/**
 * Reads days again, several at once, each under its claim: nobody collects it meanwhile.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function reparseDays(
  context: RunContext,
  days: readonly WantedDay[],
  { concurrency, counter, by, onDay }: ReparseOptions,
): Promise<void> {
  const { db, runId, totals } = context;
  const registry = new SeriesRegistry();
  await workOnDays(context, days, {
    concurrency,
    isRefetch: true,
    workOn: async (working, task) => {
      try {
        const result = await onDatabase(working, () =>
          reparseDay(db, registry, { ...task, runId, by }),
        );
        totals.add({
          read: result.versions,
          added: result.versions,
          revised: 0,
          duplicate: 0,
          quarantined: 0,
          unchanged: 0,
        });
        counter.add(task, result);
      } catch (error) {
        if (error instanceof PostgresError && error.code === 'FENCED') {
          return 'lost';
        }
        if (!(error instanceof UnreadablePayload)) {
          throw error;
        }
        counter.fail(task, error.message);
      } finally {
        await letGo(context, 'a claim', () => releaseClaims(db, [task.claim]));
      }
      onDay();
      return 'done';
    },
  });
}
