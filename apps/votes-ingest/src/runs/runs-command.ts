import { printCsv, printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { controlTotalNames, exitCodes } from '@sluice/schemas';
import type { ExitCode, RunReport } from '@sluice/schemas';
import { readRuns } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';

/** The options of `runs`. */
export interface RunsOptions {
  readonly format: Format;
  /** How many runs, at most. */
  readonly limit: number;
}

/** `votes-ingest runs`: the newest runs of the ledger, newest first, with what they met. */
export async function runsCommand(
  context: CommandContext,
  { format, limit }: RunsOptions,
): Promise<ExitCode> {
  const runs = await readWarehouse(context, (warehouse) =>
    readRuns(warehouse, {
      limit,
      filesPerRun: Number.MAX_SAFE_INTEGER,
      driftPerRun: Number.MAX_SAFE_INTEGER,
    }),
  );
  switch (format) {
    case 'json':
      printJson(context, runs);
      break;
    case 'csv':
      await printRunsAsCsv(context, runs);
      break;
    case 'table':
      printRuns(context, runs);
      break;
  }
  return exitCodes.done;
}

async function printRunsAsCsv(context: CommandContext, runs: readonly RunReport[]): Promise<void> {
  const names = [
    'runId',
    'command',
    'outcome',
    'startedAt',
    'endedAt',
    'appVersion',
    'contractVersion',
    'files',
    ...controlTotalNames,
    'error',
  ];
  const rows = runs.map((run) => [
    run.runId,
    run.command,
    run.outcome,
    run.startedAt,
    run.endedAt,
    run.appVersion,
    run.contractVersion,
    run.files.length,
    ...controlTotalNames.map((name) => run.totals[name]),
    run.error,
  ]);
  await printCsv(
    context,
    names.map((name) => ({ name })),
    [rows],
  );
}

/** A table of runs; errors are too long for it, and come below, as do refused files and drift. */
function printRuns(context: CommandContext, runs: readonly RunReport[]): void {
  printTable(
    context,
    ['run', 'command', 'started', 'outcome', 'files', ...controlTotalNames],
    runs.map((run) => [
      run.runId,
      run.command,
      `${run.startedAt.slice(0, 19)}Z`,
      run.outcome,
      run.files.length,
      ...controlTotalNames.map((name) => run.totals[name]),
    ]),
  );
  const failures = runs.flatMap((run) => [
    ...(run.error === null ? [] : [[run.runId, '', run.error]]),
    ...run.files.flatMap((file) =>
      file.error === undefined ? [] : [[run.runId, file.path, file.error]],
    ),
  ]);
  if (failures.length > 0) {
    printTable(context, ['run', 'file', 'error'], failures);
  }
  const drift = runs.flatMap((run) =>
    run.drift.map(({ kind, value, count }) => [
      run.runId,
      kind === 'unknown_field' ? 'unknown field' : 'unknown vote type',
      value,
      count,
    ]),
  );
  if (drift.length > 0) {
    printTable(context, ['run', 'drift', 'value', 'records'], drift);
  }
}
