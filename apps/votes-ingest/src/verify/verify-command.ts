import { printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { verifyWarehouse } from './verify.ts';

/** The options of `verify`. */
export interface VerifyCommandOptions {
  readonly format: Format;
}

/** `votes-ingest verify`: see {@link verifyWarehouse}. */
export async function verifyCommand(
  context: CommandContext,
  { format }: VerifyCommandOptions,
): Promise<ExitCode> {
  const report = await verifyWarehouse({
    warehouse: warehouseOptions(context),
    signal: context.signal,
    now: context.now(),
  });
  if (format === 'json') {
    printJson(context, report);
  } else {
    const rows = report.checks.map(({ id, outcome, message }) => [id, outcome, message]);
    printTable(context, ['check', 'outcome', 'message'], rows);
  }
  return report.outcome === 'passed' ? exitCodes.done : exitCodes.fellShort;
}
