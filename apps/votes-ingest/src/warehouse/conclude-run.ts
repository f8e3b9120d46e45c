import type { ArrivalPlan, CheckResult } from '@sluice/schemas';
import { endRun } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { findWrongSumsOfRun } from './run-sums.ts';
import { checkpointAndReport, runLedgerChecks } from './status.ts';

/** A run that has done its work. */
export interface RunToConclude {
  readonly runId: string;
  /** Why it fell short although nothing was lost; undefined where it did not. */
  readonly shortfall: string | undefined;
  readonly now: () => Date;
  readonly arrivals: ArrivalPlan | undefined;
}

/**
 * Ends a run: compares the sums of the ledger with what is stored, writes the outcome, and ends with the
 * checkpoint and the status file. A wrong sum makes the run `failed`, whatever else it did.
 *
 * @returns What is wrong with the sums, a sentence each.
 */
export async function concludeRun(
  warehouse: DuckDbWarehouse,
  { runId, shortfall, now, arrivals }: RunToConclude,
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
  const checks = await checkpointAndReport(warehouse, now(), arrivals);
  return [...wrongSums, ...describeFailed(checks)];
}

function describeFailed(checks: readonly CheckResult[]): string[] {
  return checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, message }) => `check ${id} failed: ${message}; see votes-ingest verify`);
}
