import type { AttemptOutcome, BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { withRetry } from '@sluice/warehouse/postgres';
import type { Claim, PostgresDatabase } from '@sluice/warehouse/postgres';

import type { DayAudit } from '../checks/audit-day.ts';
import type { SourceMetrics } from '../source/source-metrics.ts';
import type { Source } from '../source/source.ts';
import type { DayState } from '../store/day-state.ts';
import type { SeriesRegistry } from '../store/series-registry.ts';
import { isAway } from './database-outage.ts';
import type { DatabaseOutage } from './database-outage.ts';
import type { RunSums } from './run-sums.ts';
import type { RunTotals } from './run-totals.ts';
import type { SourcePause } from './source-pause.ts';

/** One request that has ended, for logs and counts. */
export interface AttemptReport {
  readonly attemptId: number;
  readonly dataset: string;
  readonly businessDay: BusinessDay;
  readonly outcome: AttemptOutcome;
  readonly status: number | undefined;
  /** Whole milliseconds, rounded up. */
  readonly durationMs: number;
  /** Of the body, decompressed. */
  readonly bytes: number;
  /** Cells. */
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly quarantined: number;
  /** What went wrong, on one line. */
  readonly message: string | undefined;
  /** Whether it failed, and the run asks again. */
  readonly isAskedAgain: boolean;
}

/** A business day of a dataset that is ours to ask for. */
export interface DayTask {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly claim: Claim;
  /** What is known of it, read after it was claimed; undefined where it was never answered. */
  readonly state: DayState | undefined;
}

/** What the days of a run share, whatever is done with them. */
export interface RunContext {
  readonly db: PostgresDatabase;
  readonly runId: string;
  /** What the run has done so far, for the ledger. */
  readonly totals: RunTotals;
  /** How long a database that is away is waited for. */
  readonly databaseWaitMs: number;
  readonly outage: DatabaseOutage;
  readonly signal: AbortSignal;
  /** Told of what is worth a line, and is no attempt. */
  readonly onNotice: (notice: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What collecting a day needs, and shares with the other days of its run. */
export interface CollectContext extends RunContext {
  readonly registry: SeriesRegistry;
  readonly source: Source;
  readonly metrics: SourceMetrics;
  /** Told of each time that the source wants to be left alone. */
  readonly pause: SourcePause;
  /** What judges a day of a dataset before it is committed. @default nothing */
  readonly auditOf?: ((contract: DatasetContract) => DayAudit | undefined) | undefined;
  /** What compares each day once it is stored. @default nothing: the end of the run does */
  readonly daySums?: RunSums | undefined;
  /** Of all processes on the database together; 0 is no limit. */
  readonly requestsPerMinute: number;
  /** Tokens that are left for who goes first: 1 for a backfill, 0 for `watch`. */
  readonly reservedTokens: number;
  /** How often a day is asked for before it counts as failed. */
  readonly maxTries: number;
  readonly onAttempt: (report: AttemptReport) => void;
}

/** What one try of a day needs. */
export interface TryContext extends CollectContext {
  /** Whether the run gives the day up if this one fails. */
  readonly isLastTry: boolean;
}

/** Once a run is to stop it waits no longer than another's short lock takes: its time is limited. */
const stoppingWaitMs = 1_000;

/**
 * Runs work on the database, again where that helps, and waits for a database that is away, unless the
 * run is to stop. Work may be done twice, where an error at COMMIT has hidden that it was done.
 */
export async function onDatabase<Result>(
  {
    databaseWaitMs,
    signal,
    onNotice,
    outage,
  }: Pick<RunContext, 'databaseWaitMs' | 'signal' | 'onNotice' | 'outage'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const isStopping = signal.aborted;
  let askedMs = 0;
  let isInTheWay = false;
  const ask = async (): Promise<Result> => {
    askedMs = performance.now();
    const result = await work();
    outage.noteAnswer(askedMs);
    return result;
  };
  return withRetry(ask, {
    retryForMs: isStopping ? Math.min(stoppingWaitMs, databaseWaitMs) : databaseWaitMs,
    signal: isStopping ? undefined : signal,
    onRetry: (error) => {
      if (isAway(error)) {
        outage.noteAway(error, askedMs);
      } else if (!isInTheWay) {
        isInTheWay = true;
        onNotice('another is in the way in the database', { error: error.message });
      }
    },
    isRepeatable: true,
  });
}

/**
 * Lets go of what is held, once: the end of the run does it too, and it expires by itself. What matters
 * was thrown by then, or is done. Gives whether it could be.
 */
export async function letGo(
  context: Pick<RunContext, 'onNotice'>,
  what: string,
  release: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await release();
    return true;
  } catch (error) {
    context.onNotice('what was held could not be let go', { what, error: String(error) });
    return false;
  }
}
