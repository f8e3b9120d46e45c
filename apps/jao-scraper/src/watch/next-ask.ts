import { addDays, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * Between two looks at the newest day that is due, past its grace: however late it comes, it is stored
 * within a minute. The rest of that is for the request.
 */
const lateEveryMs = 50 * secondMs;
/** Between two looks at a day that is not there, though a later one is due: it has been traded on without. */
const overdueEveryMs = 5 * minuteMs;
/** So many later days are due, and hardly anything comes any more. */
const longOverdueDays = 3;
/** Between two looks at a day from then on. */
const longOverdueEveryMs = hourMs;
/** Between two looks at a day that is done with, but of which some state is to be asked for again. */
const askAgainEveryMs = hourMs;
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
  /** Whether the last answer had every delivery period, be it before the due time. */
  readonly isWhole: boolean;
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
  /** From how long before the due time on a day is asked for: some days come early. */
  readonly pollLeadMs: number;
  /** Ascending by age. */
  readonly rechecks: readonly RecheckRung[];
}

/**
 * When a business day is to be asked for next, in epoch milliseconds; undefined when never again.
 *
 * Densely from the lead before the due time until the end of the grace, and nearly so as long as it is
 * the newest day that is due; then ever more sparsely until the contract gives up. Once it is finished,
 * or given up, by the rungs of the re-checks, and every hour where some of it is in a state that is to
 * be asked for again. A day that was never answered is asked for however old it is, every five minutes,
 * and never given up.
 */
export function nextAskMs(
  contract: DatasetContract,
  day: BusinessDay,
  progress: DayProgress,
  schedule: AskSchedule,
): number | undefined {
  const dueMs = dueAtMs(contract, day);
  const firstMs = dueMs - schedule.pollLeadMs;
  const { lastAnswerMs, lastAttemptMs } = progress;
  if (lastAttemptMs === undefined || lastAttemptMs < firstMs) {
    return firstMs;
  }
  const everyMs = pollIntervalMs(contract, day, lastAttemptMs);
  if (lastAnswerMs === undefined || lastAnswerMs < firstMs) {
    return lastAttemptMs + Math.max(schedule.pollEveryMs, Math.min(everyMs, overdueEveryMs));
  }
  if (progress.isDoubtful) {
    return lastAttemptMs + doubtAgainMs;
  }
  if (!progress.isFinished && !isGivenUp(contract, day, progress)) {
    const pollMs = lastAttemptMs + Math.max(schedule.pollEveryMs, everyMs);
    // What was published early is asked for again when it is due, and is finished by that.
    return lastAttemptMs >= dueMs ? pollMs : progress.isWhole ? dueMs : Math.min(pollMs, dueMs);
  }
  const recheckMs = nextRecheckMs(lastAttemptMs, dueMs, schedule.rechecks);
  return progress.isToAskAgain
    ? Math.min(recheckMs ?? Number.POSITIVE_INFINITY, lastAttemptMs + askAgainEveryMs)
    : recheckMs;
}

/** Whether the source has had its time for a day: it was answered long after its due time, finished or not. */
export function isGivenUp(
  contract: DatasetContract,
  day: BusinessDay,
  { lastAnswerMs }: Pick<DayProgress, 'lastAnswerMs'>,
): boolean {
  const giveUpMs = dueAtMs(contract, day) + contract.publication.giveUpHours * hourMs;
  return lastAnswerMs !== undefined && lastAnswerMs >= giveUpMs;
}

/** Between two looks at a day that is not there: at least so much, by how late it is; 0 until its grace ends. */
function pollIntervalMs(contract: DatasetContract, day: BusinessDay, atMs: number): number {
  const graceMs = contract.publication.graceMinutes * minuteMs;
  if (atMs < dueAtMs(contract, day) + graceMs) {
    return 0;
  }
  if (atMs < dueAtMs(contract, addDays(day, 1))) {
    return lateEveryMs;
  }
  return atMs < dueAtMs(contract, addDays(day, longOverdueDays))
    ? overdueEveryMs
    : longOverdueEveryMs;
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
