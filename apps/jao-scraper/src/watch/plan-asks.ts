import { addDays, businessDayOf, daysBetween, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import { nextAskMs } from './next-ask.ts';
import type { AskSchedule, DayProgress } from './next-ask.ts';

/** How far back days are followed: what was backfilled on the first start, and what may be revised. */
const followedDays = 31;
/** A day around its due time goes before all that is merely not finished yet. */
const freshMs = 24 * 3_600_000;

/** A business day that is to be asked for at a time. */
export interface PlannedAsk {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly atMs: number;
  /** Whether the day is finished, and only a revision may be found. */
  readonly isRecheck: boolean;
}

/** The business days of a dataset that `watch` follows at a time, ascending. */
export function followedDaysOf(contract: DatasetContract, nowMs: number): readonly BusinessDay[] {
  const today = businessDayOf(contract, nowMs);
  const first = addDays(today, -followedDays);
  const last = addDays(today, 1 - contract.publication.dueDayOffset);
  return daysBetween(first < contract.firstBusinessDay ? contract.firstBusinessDay : first, last);
}

/** When each followed day of a dataset is to be asked for next. */
export function planAsks(
  contract: DatasetContract,
  progress: ReadonlyMap<BusinessDay, DayProgress>,
  schedule: AskSchedule,
  nowMs: number,
): readonly PlannedAsk[] {
  return followedDaysOf(contract, nowMs).flatMap((day) => {
    const known = progress.get(day) ?? { isFinished: false, lastAttemptMs: undefined };
    const atMs = nextAskMs(contract, day, known, schedule);
    return atMs === undefined ? [] : [{ contract, day, atMs, isRecheck: known.isFinished }];
  });
}

/**
 * Those of planned asks that are due, the most urgent first: days around their due time, then what is
 * missing, then what may have been revised; of each the newest days first.
 */
export function dueAsks(asks: readonly PlannedAsk[], nowMs: number): readonly PlannedAsk[] {
  return asks
    .filter(({ atMs }) => atMs <= nowMs)
    .sort(
      (left, right) =>
        Number(isUrgent(right, nowMs)) - Number(isUrgent(left, nowMs)) ||
        Number(left.isRecheck) - Number(right.isRecheck) ||
        (left.day < right.day ? 1 : left.day > right.day ? -1 : left.atMs - right.atMs),
    );
}

function isUrgent({ contract, day, isRecheck }: PlannedAsk, nowMs: number): boolean {
  return !isRecheck && Math.abs(nowMs - dueAtMs(contract, day)) < freshMs;
}
