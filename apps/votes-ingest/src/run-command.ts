import { runCommand } from '@sluice/command-line';
import type { CommandCall, ExpectedFailure } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { WarehouseError } from '@sluice/warehouse/errors';

import { configSource } from './config.ts';
import type { Config } from './config.ts';

/** Runs one command of this app, and gives what the process exits with. */
export function runVotesCommand(call: CommandCall<Config>): Promise<ExitCode> {
  return runCommand({ name: 'votes-ingest', config: configSource, classifyError }, call);
}

function classifyError(error: unknown): ExpectedFailure | undefined {
  if (!(error instanceof WarehouseError)) {
    return undefined;
  }
  const isUnavailable = error.code === 'LOCKED' || error.code === 'READ_ONLY';
  return {
    exitCode: isUnavailable ? exitCodes.unavailable : exitCodes.failed,
    // DuckDB points at a place in SQL over several lines.
    hasLines: true,
  };
}
