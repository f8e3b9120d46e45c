import { say } from '@sluice/command-line';
import { exitCodes, voteContract } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { endRun, startRun } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { randomUUIDv7 } from 'node:crypto';

import type { CommandContext } from '../command-context.ts';
import { appVersion } from '../version.ts';
import { concludeRun } from './conclude-run.ts';
import { checkpointAndReport } from './status.ts';

/** A run of the ledger that has ended well. */
export interface EndedRun<Result> {
  readonly runId: string;
  readonly result: Result;
  /** `fellShort` where a sum is wrong, or a check of the whole warehouse failed; it is said then. */
  readonly exitCode: ExitCode;
}

/**
 * Does `work` as one run of the ledger, and ends with the checkpoint and the status file; also where
 * it fails, so that the failure is on record.
 *
 * @throws what `work` throws.
 */
export async function runInLedger<Result>(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  command: string,
  work: (runId: string) => Promise<Result>,
  /** Why the run fell short although it did all that it could: it ends as failed, with exit code 3. */
  shortfallOf: (result: Result) => string | undefined = () => undefined,
): Promise<EndedRun<Result>> {
  const runId = randomUUIDv7();
  const abandoned = await startRun(warehouse, {
    runId,
    dataset: voteContract.dataset,
    command,
    appVersion,
    contractVersion: voteContract.version,
    startedAt: context.now(),
  });
  for (const deadRunId of abandoned) {
    say(context, `run ${deadRunId} had died without saying so; it is marked abandoned`);
  }
  let result: Result;
  try {
    result = await work(runId);
  } catch (cause) {
    await recordFailure(context, warehouse, runId, cause);
    throw cause;
  }
  const shortfall = shortfallOf(result);
  const faults = await concludeRun(warehouse, {
    runId,
    shortfall,
    now: context.now,
    expected: context.config,
  });
  for (const fault of faults) {
    say(context, fault);
  }
  const fellShort = faults.length > 0 || shortfall !== undefined;
  return { runId, result, exitCode: fellShort ? exitCodes.fellShort : exitCodes.done };
}

async function recordFailure(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  runId: string,
  failure: unknown,
): Promise<void> {
  const stopped = context.signal.aborted ? 'stopped by a signal' : undefined;
  const error = stopped ?? (failure instanceof Error ? failure.message : String(failure));
  try {
    await endRun(warehouse, { runId, outcome: 'failed', endedAt: context.now(), error });
    await checkpointAndReport(warehouse, context.now(), context.config);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    say(context, `the end of run ${runId} could not be recorded, the next run will: ${message}`);
  }
}
