import { PostgresError, releaseClaims } from '@sluice/warehouse/postgres';
import type { Claim } from '@sluice/warehouse/postgres';

import { DayQueue } from '../backfill/day-queue.ts';
import type { QueueContext, WantedDay } from '../backfill/day-queue.ts';
import { keepClaims } from '../collect/claim-keeper.ts';
import { onDatabase } from '../collect/collect-context.ts';
import { UnreadablePayload } from '../replay/replay-day.ts';
import { SeriesRegistry } from '../store/series-registry.ts';
import type { ReparseCounter } from './count-reparsed.ts';
import { reparseDay } from './reparse-day.ts';

/** Enough that no worker waits for the next look at the database. */
const claimsPerWorker = 4;

/** How a re-reading goes about it. */
export interface ReparseOptions {
  /** Days that are read at once. */
  readonly concurrency: number;
  readonly counter: ReparseCounter;
  /** Told of each day that is done. */
  readonly onDay: () => void;
}

/**
 * Reads days again, several at once, each under its claim: nobody collects it meanwhile.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function reparseDays(
  context: QueueContext,
  days: readonly WantedDay[],
  { concurrency, counter, onDay }: ReparseOptions,
): Promise<void> {
  const failure = new AbortController();
  const working = { ...context, signal: AbortSignal.any([context.signal, failure.signal]) };
  const registry = new SeriesRegistry();
  const keeper = keepClaims(context);
  const queue = new DayQueue(working, days, {
    keeper,
    batch: concurrency * claimsPerWorker,
    isRefetch: true,
    onSkipped: () => undefined,
  });
  const reparse = async (wanted: WantedDay & { readonly claim: Claim }): Promise<void> => {
    try {
      const { runId } = context;
      counter.add(
        wanted,
        await onDatabase(working, () => reparseDay(context.db, registry, { ...wanted, runId })),
      );
    } catch (error) {
      if (error instanceof PostgresError && error.code === 'FENCED') {
        // It is another's now: what that one has stored is read in turn.
        queue.putBack(wanted);
        return;
      }
      if (!(error instanceof UnreadablePayload)) {
        throw error;
      }
      counter.fail(wanted, error.message);
    } finally {
      keeper.remove(wanted.claim);
      await releaseClaims(context.db, [wanted.claim]).catch((error: unknown) => {
        context.onNotice('a claim could not be let go', { error: String(error) });
      });
    }
    onDay();
  };
  const work = async (): Promise<void> => {
    try {
      for (let task = await queue.next(); task !== undefined; task = await queue.next()) {
        await reparse(task);
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
