import { dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** From how long before the due time on a day is asked for: some days come early. */
const leadMs = 15 * minuteMs;
/** How often a day is asked for that is past its grace, and still wanted. */
const lateEveryMs = 5 * minuteMs;
/** How often a day is asked for that is a day overdue. */
const overdueEveryMs = hourMs;
const overdueAfterMs = 24 * hourMs;

/** How often a published day is asked for again, up to which age since its due time. */
export interface RecheckRung {
  readonly everyMs: number;
  readonly untilAgeMs: number;
}

/** What the schedule of a day depends on. Instants are of the database's clock. */
export interface DayProgress {
  /** Whether the last attempt succeeded, was complete and ended after the due time. */
  readonly isFinished: boolean;
  /** When the last attempt ended, whatever came of it; undefined where there was none. */
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
 * Densely from a quarter of an hour before the due time to the end of grace, then ever more sparsely
 * until the contract gives up; and once it is finished, by the rungs of the re-checks. A day that
 * was never asked for is due at once, however old.
 */
export function nextAskMs(
  contract: DatasetContract,
  day: BusinessDay,
  progress: DayProgress,
  schedule: AskSchedule,
): number | undefined {
  const dueMs = dueAtMs(contract, day);
  const { lastAttemptMs } = progress;
  if (lastAttemptMs === undefined || lastAttemptMs < dueMs - leadMs) {
    return dueMs - leadMs;
  }
  return progress.isFinished
    ? nextRecheckMs(lastAttemptMs, dueMs, schedule.rechecks)
    : nextPollMs(contract, lastAttemptMs, dueMs, schedule.pollEveryMs);
}

function nextPollMs(
  { publication }: DatasetContract,
  lastAttemptMs: number,
  dueMs: number,
  pollEveryMs: number,
): number | undefined {
  const lateMs = lastAttemptMs - dueMs;
  if (lateMs >= publication.giveUpHours * hourMs) {
    return undefined;
  }
  if (lateMs < publication.graceMinutes * minuteMs) {
    // What was published early is asked for again when it is due, and is finished by that.
    return lastAttemptMs < dueMs
      ? Math.min(lastAttemptMs + pollEveryMs, dueMs)
      : lastAttemptMs + pollEveryMs;
  }
  return (
    lastAttemptMs + (lateMs < overdueAfterMs ? Math.max(lateEveryMs, pollEveryMs) : overdueEveryMs)
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
