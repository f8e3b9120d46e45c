import type { CheckResult } from '@sluice/schemas';
import { endRun } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { ArrivalSettings } from '../file-coverage/arrival-status.ts';
import { findWrongSumsOfRun } from './run-sums.ts';
import { checkpointAndReport, runLedgerChecks } from './status.ts';

/** A run that has done its work. */
export interface RunToConclude {
  readonly runId: string;
  /** Why it fell short although nothing was lost; undefined where it did not. */
  readonly shortfall: string | undefined;
  readonly now: () => Date;
  /** What the status file is to tell of expected files. */
  readonly expected: ArrivalSettings;
}

/**
 * Ends a run: compares the sums of the ledger with what is stored, writes the outcome, and ends with the
 * checkpoint and the status file. A wrong sum makes the run `failed`, whatever else it did.
 *
 * @returns What is wrong with the sums, a sentence each.
 */
export async function concludeRun(
  warehouse: DuckDbWarehouse,
  { runId, shortfall, now, expected }: RunToConclude,
): Promise<readonly string[]> {
  const ofRun = await findWrongSumsOfRun(warehouse, runId);
  const wrongSums = ofRun === undefined ? [] : [ofRun];
  const errors = [
    ...wrongSums,
    ...describeFailed(await runLedgerChecks(warehouse)),
    ...(shortfall === undefined ? [] : [shortfall]),
  ];
  await endRun(warehouse, {
    runId,
    outcome: errors.length === 0 ? 'succeeded' : 'failed',
    endedAt: now(),
    error: errors.length === 0 ? undefined : errors.join('; '),
  });
  const checks = await checkpointAndReport(warehouse, now(), expected);
  return [...wrongSums, ...describeFailed(checks)];
}

function describeFailed(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, message }) => `check ${id} failed: ${message}; see votes-ingest verify`);
}
