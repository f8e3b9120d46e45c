import { deliveryStarts, dueAtMs } from '@sluice/schemas/jao';
import type { AttemptOutcome, BusinessDay, DatasetContract } from '@sluice/schemas/jao';

/** Why whatever is decided is discarded. */
export const discardReason = 'no number';

/** What happened to one dataset, with instants in epoch milliseconds. */
export interface History {
  /** In the order in which they began. */
  readonly attempts: readonly {
    readonly day: BusinessDay;
    /** Undefined while the request is out. */
    readonly endedMs: number | undefined;
    readonly outcome: AttemptOutcome;
    /** Cells of its answer that are in quarantine. @default 0 */
    readonly quarantined?: number;
  }[];
  readonly keySets: readonly {
    readonly day: BusinessDay;
    readonly knownFromMs: number;
    readonly keys: readonly string[];
  }[];
  readonly versions: readonly {
    readonly key: string;
    readonly deliveryStartMs: number;
    readonly knownFromMs: number;
    readonly value: number | null;
    readonly withdrawn: boolean;
  }[];
  readonly quarantine: readonly {
    readonly day: BusinessDay;
    readonly key: string | null;
    readonly deliveryStartMs: number | null;
    readonly reason: string;
    readonly createdMs: number;
    /** When it was discarded. */
    readonly decidedMs: number | null;
  }[];
  /** What people have recorded; numbered from 1. */
  readonly absences: readonly {
    /** Null is every key. */
    readonly keys: readonly string[] | null;
    readonly startMs: number;
    readonly endMs: number;
    readonly reason: string;
    readonly recordedMs: number;
    readonly withdrawnMs: number | null;
  }[];
}

/** A history in which nothing happened. */
export const emptyHistory: History = {
  attempts: [],
  keySets: [],
  versions: [],
  quarantine: [],
  absences: [],
};

/** Days that were answered whole, an hour after they were due. */
export function wholeDays(
  contract: DatasetContract,
  days: readonly BusinessDay[],
  keys: readonly string[],
): History {
  const at = (day: BusinessDay): number => dueAtMs(contract, day) + 3_600_000;
  return {
    ...emptyHistory,
    attempts: days.map((day) => ({ day, endedMs: at(day), outcome: 'stored' })),
    keySets: days.map((day) => ({ day, knownFromMs: at(day), keys })),
    versions: days.flatMap((day) =>
      keys.flatMap((key) =>
        deliveryStarts(contract, day).map((deliveryStartMs, index) => ({
          key,
          deliveryStartMs,
          knownFromMs: at(day),
          value: index,
          withdrawn: false,
        })),
      ),
    ),
  };
}
