import { startProgress } from '@sluice/command-line';

import type { WantedDay } from '../backfill/day-queue.ts';
import type { RunContext } from '../collect/collect-context.ts';
import type { CommandContext } from '../command-context.ts';
import { ensurePartitions, refreshStatistics, refreshWideViews } from '../store/upkeep.ts';
import type { ReparseCounter } from './count-reparsed.ts';
import { reparseDays } from './reparse-days.ts';

const concurrency = 2;

/** Connections that {@link reparseAll} needs: for its days, their claims and the heartbeat. */
export const reparseConnections = concurrency + 2;

/** Reads days again, told of on a terminal, and leaves the database as whoever stores days does. */
export async function reparseAll(
  context: CommandContext,
  run: RunContext,
  {
    days,
    counter,
    by,
  }: {
    readonly days: readonly WantedDay[];
    readonly counter: ReparseCounter;
    /** Who has entries of quarantine replayed that can be read now. */
    readonly by: string;
  },
): Promise<void> {
  const dates = days.map(({ day }) => day).toSorted();
  const [first] = dates;
  if (first !== undefined) {
    await ensurePartitions(run.db, first, dates.at(-1) ?? first);
  }
  const unit = { name: 'days', size: 1, digits: 0, rateDigits: 0 };
  const progress = await startProgress(context.messages, unit);
  let done = 0;
  progress.start('read again', days.length);
  try {
    await reparseDays(run, days, {
      concurrency,
      counter,
      by,
      onDay: () => {
        done += 1;
        progress.update(done);
      },
    });
  } finally {
    progress.stop();
  }
  counter.finish();
  await refreshWideViews(run);
  await refreshStatistics(run, run.totals.value.accepted);
}
