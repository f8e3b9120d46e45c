import { readHeldDays } from '@sluice/warehouse/postgres';
import type { HeldDay } from '@sluice/warehouse/postgres';

import { onDatabase } from '../collect/collect-context.ts';
import type { CollectContext } from '../collect/collect-context.ts';
import type { PlannedAsk } from './plan-asks.ts';

/** For what and how long to wait. */
export interface HeldWaitOptions {
  /** Whether to wait at all: who goes on comes back to them anyway. */
  readonly isOnce: boolean;
  /** In milliseconds, from when nothing else was left to do. */
  readonly heldWaitMs: number;
  /** Told when a wait begins. */
  readonly onHeld: (held: readonly HeldDay[]) => void;
}

/** A wait for days that others hold. */
export interface HeldWait {
  /** Of the last look. */
  readonly held: readonly HeldDay[];
  /** Gives whether these, which are due and which nobody here works on, are to be waited for. */
  readonly look: (due: readonly PlannedAsk[]) => Promise<boolean>;
}

/**
 * Days that are due and that others hold: a process that works on them, or one that has died, whose
 * claims run out. Who is to end waits for that, for a time.
 */
export function createHeldWait(
  context: CollectContext,
  { isOnce, heldWaitMs, onHeld }: HeldWaitOptions,
): HeldWait {
  let held: readonly HeldDay[] = [];
  let sinceMs: number | undefined;
  return {
    get held() {
      return held;
    },
    look: async (due) => {
      if (!isOnce || due.length === 0) {
        held = [];
        sinceMs = undefined;
        return false;
      }
      const days = due.map(({ contract, day }) => ({ dataset: contract.name, businessDay: day }));
      held = await onDatabase(context, () => readHeldDays(context.db, days));
      if (sinceMs === undefined) {
        sinceMs = performance.now();
        onHeld(held);
      }
      return performance.now() - sinceMs < heldWaitMs;
    },
  };
}
