import { decide, recordResults, runChecks } from '@sluice/data-quality';
import type { HistoryPoint, RunChecksOptions } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import type {
  ArrivalCalendar,
  Condition,
  ExpectationSuite,
  QualityResult,
} from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';

/** The table that all checks are about. */
export const votesRelation = { schema: 'blog_analysis', table: 'votes' } as const;

/** Of each check of a batch, so many keys of failing rows are kept; `check --keys` has all of them. */
const keysOfBatch = 100;

/** What is checked of a file, and what with. */
export interface BatchCheck {
  readonly runId: string;
  readonly fileId: number;
  /** The checks of a batch. */
  readonly suite: ExpectationSuite;
  /** Each check reads for itself, so that one that ends the transaction is known. */
  readonly isCareful: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** What a file of the calendar is compared with; absent: it is none, and its volume is not judged. */
  readonly volume?: FileVolume | undefined;
}

/** The period of the calendar that a file is for, and how many rows earlier files had. */
export interface FileVolume {
  readonly calendar: ArrivalCalendar;
  readonly period: NonNullable<RunChecksOptions['period']>;
  readonly history: () => Promise<readonly HistoryPoint[]>;
}

/** What came of the checks of a file. */
export interface BatchVerdict {
  readonly results: readonly QualityResult[];
  /**
   * A check has ended the transaction: the file is to be loaded again, without it where it is known. One
   * that was to refuse the file does so then.
   */
  readonly isBroken: boolean;
  readonly breaking: QualityResult | undefined;
  /** Why the whole file is kept out. */
  readonly refusal: string | undefined;
  /** Checks whose failing rows are put aside. */
  readonly quarantining: readonly QualityResult[];
}

const nothingFound: Omit<BatchVerdict, 'results'> = {
  isBroken: false,
  breaking: undefined,
  refusal: undefined,
  quarantining: [],
};

/** The rows of a file, as checks are told. */
export function rowsOfFile(fileId: number): Condition {
  return { column: 'FileId', compare: '=', value: fileId };
}

/**
 * Checks the rows of a file in the transaction that has loaded them, before it commits.
 *
 * DuckDB has no savepoints: a check that fails while it runs ends the transaction, and all checks after
 * it fail too.
 */
export async function checkBatch(
  warehouse: DuckDbWarehouse,
  { runId, fileId, suite, isCareful, now, signal, volume }: BatchCheck,
): Promise<BatchVerdict> {
  if (suite.expectations.length === 0) {
    return { ...nothingFound, results: [] };
  }
  const results = await runChecks({
    engine: duckDbEngine(warehouse, { isInTransaction: true, sharesScan: !isCareful }),
    suite,
    relation: votesRelation,
    scope: rowsOfFile(fileId),
    runId,
    now,
    keyLimit: keysOfBatch,
    keysOfPassed: false,
    ...volume,
  });
  signal.throwIfAborted();
  const firstError = results.find(({ outcome }) => outcome === 'error');
  if (firstError !== undefined && !(await isUsable(warehouse))) {
    const breaking = isCareful ? firstError : undefined;
    if (breaking?.action === 'refuse') {
      // Those after it could not be looked at any more.
      const judged = results.slice(0, results.indexOf(breaking) + 1);
      return { ...nothingFound, results: judged, refusal: refusalOf([breaking]) };
    }
    return { ...nothingFound, results, isBroken: true, breaking };
  }
  const { refusing, quarantining } = decide(results);
  return { ...nothingFound, results, refusal: refusalOf(refusing), quarantining };
}

function refusalOf(refusing: readonly QualityResult[]): string | undefined {
  return refusing.length === 0
    ? undefined
    : refusing.map((result) => `check ${describeResult(result)}`).join('; ');
}

/** Keeps results, in the transaction at hand. */
export async function recordBatch(
  warehouse: DuckDbWarehouse,
  results: readonly QualityResult[],
): Promise<void> {
  await recordResults(duckDbEngine(warehouse, { isInTransaction: true }), results);
}

/** A check that did not pass, with what was found and expected. */
export function describeResult({ checkId, outcome, message, expected }: QualityResult): string {
  return outcome === 'error'
    ? `${checkId} could not be evaluated: ${message}`
    : `${checkId} ${outcome}: ${message}; expected: ${expected}`;
}

async function isUsable(warehouse: DuckDbWarehouse): Promise<boolean> {
  try {
    await warehouse.run('select 1');
    return true;
  } catch {
    // It says that the transaction is aborted, which the result of the check has told.
    return false;
  }
}
