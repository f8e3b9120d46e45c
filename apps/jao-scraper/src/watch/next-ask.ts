import { dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** From how long before the due time on a day is asked for: some days come early. */
const leadMs = 15 * minuteMs;
/** Between two looks at a day that is past its grace: what comes then, too, is stored within a minute. */
const lateEveryMs = 50 * secondMs;
/** From then on hardly anything comes any more. */
const overdueAfterMs = 24 * hourMs;
/** Between two looks at a day that is a day overdue. */
const overdueEveryMs = hourMs;
/** Between two looks at a day that is done with, but of which some state is to be asked for again. */
const askAgainEveryMs = hourMs;
/** Between two tries for an old day whose requests fail. */
const failedEveryMs = 5 * minuteMs;
/** A second answer counts against a doubtful one from five minutes on. */
const doubtAgainMs = 5 * minuteMs + 5 * secondMs;

/** How often a published day is asked for again, up to which age since its due time. */
export interface RecheckRung {
  readonly everyMs: number;
  readonly untilAgeMs: number;
}

/** What the schedule of a day depends on. Instants are of the database's clock. */
export interface DayProgress {
  /** Whether the last attempt succeeded, was complete and ended after the due time. */
  readonly isFinished: boolean;
  /** Whether an answer lacked stored cells, and waits for another to agree. */
  readonly isDoubtful: boolean;
  /** Whether any of it is in a state that is configured to be asked for again. */
  readonly isToAskAgain: boolean;
  /** When the last attempt ended that got an answer; undefined where none did. */
  readonly lastAnswerMs: number | undefined;
  /** When the last attempt ended that the source had a part in, answered or not. */
  readonly lastAttemptMs: number | undefined;
}

/** How densely `watch` asks. */
export interface AskSchedule {
  /** Between two attempts around the due time. */
  readonly pollEveryMs: number;
  /** Ascending by age. */
  readonly rechecks: readonly RecheckRung[];
}

/**
 * When a business day is to be asked for next, in epoch milliseconds; undefined when never again.
 *
 * Densely from a quarter of an hour before the due time on, then ever more sparsely until the contract
 * gives up; and once it is finished, or given up, by the rungs of the re-checks, and every hour where
 * some of it is in a state that is to be asked for again. A day that was never answered is asked for however old it is, and never given up.
 */
export function nextAskMs(
  contract: DatasetContract,
  day: BusinessDay,
  progress: DayProgress,
  schedule: AskSchedule,
): number | undefined {
  const dueMs = dueAtMs(contract, day);
  const { lastAnswerMs, lastAttemptMs } = progress;
  if (lastAttemptMs === undefined || lastAttemptMs < dueMs - leadMs) {
    return dueMs - leadMs;
  }
  if (lastAnswerMs === undefined || lastAnswerMs < dueMs - leadMs) {
    const isOld = lastAttemptMs - dueMs >= overdueAfterMs;
    return lastAttemptMs + Math.max(schedule.pollEveryMs, isOld ? failedEveryMs : 0);
  }
  if (progress.isDoubtful) {
    return lastAttemptMs + doubtAgainMs;
  }
  const isGivenUp = lastAnswerMs - dueMs >= contract.publication.giveUpHours * hourMs;
  if (!progress.isFinished && !isGivenUp) {
    return nextPollMs(contract, lastAttemptMs, dueMs, schedule.pollEveryMs);
  }
  const recheckMs = nextRecheckMs(lastAttemptMs, dueMs, schedule.rechecks);
  return progress.isToAskAgain
    ? Math.min(recheckMs ?? Number.POSITIVE_INFINITY, lastAttemptMs + askAgainEveryMs)
    : recheckMs;
}

function nextPollMs(
  { publication }: DatasetContract,
  lastAttemptMs: number,
  dueMs: number,
  pollEveryMs: number,
): number {
  const lateMs = lastAttemptMs - dueMs;
  if (lateMs < 0) {
    // What was published early is asked for again when it is due, and is finished by that.
    return Math.min(lastAttemptMs + pollEveryMs, dueMs);
  }
  if (lateMs < publication.graceMinutes * minuteMs) {
    return lastAttemptMs + pollEveryMs;
  }
  return (
    lastAttemptMs + Math.max(pollEveryMs, lateMs < overdueAfterMs ? lateEveryMs : overdueEveryMs)
  );
}

function nextRecheckMs(
  lastAttemptMs: number,
  dueMs: number,
  rechecks: readonly RecheckRung[],
): number | undefined {
  for (const { everyMs, untilAgeMs } of rechecks) {
    const next = lastAttemptMs + everyMs;
    if (next - dueMs <= untilAgeMs) {
      return next;
    }
  }
  return undefined;
}
