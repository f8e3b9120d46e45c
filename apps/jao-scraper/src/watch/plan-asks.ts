import { addDays, businessDayOf, daysBetween, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import { nextAskMs } from './next-ask.ts';
import type { AskSchedule, DayProgress } from './next-ask.ts';

const dayMs = 24 * 3_600_000;
/** How far back days are followed at least: what an empty database is given first. */
const leastFollowedDays = 31;

/** A business day that is to be asked for at a time. */
export interface PlannedAsk {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly atMs: number;
  /** Whether the day is finished, and only a revision may be found. */
  readonly isRecheck: boolean;
}

/** What a plan is made for. */
export interface PlanOptions {
  readonly schedule: AskSchedule;
  readonly nowMs: number;
  /** The newest day that is finished; undefined where none is. */
  readonly newestFinished: BusinessDay | undefined;
}

/**
 * The business days of a dataset that `watch` follows at a time, ascending: a month, as many as are
 * re-checked, and all that were missed since it last finished one; to what may be published ahead.
 */
export function followedDaysOf(
  contract: DatasetContract,
  { schedule, nowMs, newestFinished }: PlanOptions,
): readonly BusinessDay[] {
  const today = businessDayOf(contract, nowMs);
  const recheckedMs = schedule.rechecks.at(-1)?.untilAgeMs ?? 0;
  const back = Math.max(leastFollowedDays, Math.ceil(recheckedMs / dayMs));
  const first = earliest(addDays(today, -back), newestFinished ?? today);
  const last = addDays(today, 1 - contract.publication.dueDayOffset);
  return daysBetween(first < contract.firstBusinessDay ? contract.firstBusinessDay : first, last);
}

/** When each followed day of a dataset is to be asked for next. */
export function planAsks(
  contract: DatasetContract,
  progress: ReadonlyMap<BusinessDay, DayProgress>,
  options: PlanOptions,
): readonly PlannedAsk[] {
  return followedDaysOf(contract, options).flatMap((day) => {
    const known = progress.get(day) ?? neverAsked;
    const atMs = nextAskMs(contract, day, known, options.schedule);
    return atMs === undefined ? [] : [{ contract, day, atMs, isRecheck: known.isFinished }];
  });
}

/** The days that are due and were never answered: what is missing because nobody got it. */
export function uncollectedDays(
  contract: DatasetContract,
  progress: ReadonlyMap<BusinessDay, DayProgress>,
  options: PlanOptions,
): readonly BusinessDay[] {
  return followedDaysOf(contract, options).filter((day) => {
    const dueMs = dueAtMs(contract, day);
    const answeredMs = progress.get(day)?.lastAnswerMs;
    return dueMs <= options.nowMs && (answeredMs === undefined || answeredMs < dueMs);
  });
}

const neverAsked: DayProgress = {
  isFinished: false,
  isWhole: false,
  isDoubtful: false,
  isToAskAgain: false,
  lastAnswerMs: undefined,
  lastAttemptMs: undefined,
};

function earliest(left: BusinessDay, right: BusinessDay): BusinessDay {
  return left < right ? left : right;
}

/**
 * Those of planned asks that are due, the most urgent first: of each dataset the newest day that is due
 * or soon will be, then what else is missing, then what may have been revised; the newest days first.
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
  return !isRecheck && nowMs < dueAtMs(contract, addDays(day, 1));
}
