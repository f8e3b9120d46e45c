import { addDays, businessDayOf, daysBetween, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import { isGivenUp, nextAskMs } from './next-ask.ts';
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
  /** Whether it is due and not there, and any answer may bring it. */
  readonly isMissing: boolean;
}

/** What a plan is made for. */
export interface PlanOptions {
  readonly schedule: AskSchedule;
  readonly nowMs: number;
  /** Days before the recent ones that were missed, ascending. */
  readonly missedDays: readonly BusinessDay[];
}

/**
 * The business days of a dataset that `watch` follows at a time in any case, ascending: a month, or as
 * many as are re-checked, to what may be published ahead.
 */
export function recentDaysOf(
  contract: DatasetContract,
  { schedule, nowMs }: Pick<PlanOptions, 'schedule' | 'nowMs'>,
): readonly BusinessDay[] {
  const today = businessDayOf(contract, nowMs);
  const recheckedMs = schedule.rechecks.at(-1)?.untilAgeMs ?? 0;
  const back = Math.max(leastFollowedDays, Math.ceil(recheckedMs / dayMs));
  const first = addDays(today, -back);
  const last = addDays(today, 1 - contract.publication.dueDayOffset);
  return daysBetween(first < contract.firstBusinessDay ? contract.firstBusinessDay : first, last);
}

/** All business days of a dataset that `watch` follows, ascending: those that were missed, and the recent ones. */
export function followedDaysOf(
  contract: DatasetContract,
  options: PlanOptions,
): readonly BusinessDay[] {
  const recent = recentDaysOf(contract, options);
  const [first] = recent;
  const missed = options.missedDays.filter((day) => first === undefined || day < first);
  return [...missed, ...recent];
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
    if (atMs === undefined) {
      return [];
    }
    const isMissing =
      !known.isFinished &&
      // Another answer counts against a doubtful one at its time only.
      !known.isDoubtful &&
      !isGivenUp(contract, day, known) &&
      dueAtMs(contract, day) <= options.nowMs;
    return [{ contract, day, atMs, isRecheck: known.isFinished, isMissing }];
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

/**
 * Those of planned asks that are due, the most urgent first: of each dataset the newest day that is due
 * or soon will be, then what else is missing, then what may have been revised; the newest days first.
 * Where there will be no later look, what is missing is due whenever it was asked for last.
 */
export function dueAsks(
  asks: readonly PlannedAsk[],
  { nowMs, isLastLook }: { readonly nowMs: number; readonly isLastLook: boolean },
): readonly PlannedAsk[] {
  return asks
    .filter(({ atMs, isMissing }) => atMs <= nowMs || (isLastLook && isMissing))
    .map((ask) => ({ ask, isUrgent: isUrgent(ask, nowMs) }))
    .sort(
      (left, right) =>
        Number(right.isUrgent) - Number(left.isUrgent) || compareAsks(left.ask, right.ask),
    )
    .map(({ ask }) => ask);
}

function compareAsks(left: PlannedAsk, right: PlannedAsk): number {
  return (
    Number(left.isRecheck) - Number(right.isRecheck) ||
    (left.day < right.day ? 1 : left.day > right.day ? -1 : left.atMs - right.atMs)
  );
}

function isUrgent({ contract, day, isRecheck }: PlannedAsk, nowMs: number): boolean {
  return !isRecheck && nowMs < dueAtMs(contract, addDays(day, 1));
}
