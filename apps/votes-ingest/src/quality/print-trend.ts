import { printCsv, printJson, printTable } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { checkIds } from '@sluice/schemas/expectations';
import type { ExpectationSuite } from '@sluice/schemas/expectations';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import type { CheckCommandOptions } from './check-command.ts';
import { readTrend, resultColumns } from './read-results.ts';

/** Prints what was found for checks before, newest first: of each, of the whole table and of files. */
export async function printTrend(
  context: CommandContext,
  suite: ExpectationSuite,
  { format, limit }: Pick<CheckCommandOptions, 'format' | 'limit'>,
): Promise<ExitCode> {
  const ids = suite.expectations.flatMap(checkIds);
  const results = await readWarehouse(context, (warehouse) =>
    readTrend(warehouse, { checkIds: ids, limit }),
  );
  if (format === 'json') {
    printJson(context, results);
  } else if (format === 'csv') {
    await printCsv(
      context,
      resultColumns.map((name) => ({ name })),
      [results.map((result) => resultColumns.map((name) => result[name]))],
    );
  } else {
    printTable(
      context,
      ['check', 'of', 'at', 'outcome', 'value', 'failing', 'tested', 'message'],
      results.map((result) => [
        result.checkId,
        result.scope ?? 'all rows',
        result.checkedAt,
        result.outcome,
        result.value,
        result.failing,
        result.tested,
        result.message,
      ]),
    );
  }
  return exitCodes.done;
}
