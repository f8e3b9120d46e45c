import { printCsv, printJsonRows, printTable, say } from '@sluice/command-line';
import type { CellValue } from '@sluice/command-line';
import { expandExpectation, failingRowsStatement } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { checksOf, isAboutWholeTable } from '@sluice/schemas/expectations';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { streamRows } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { votesRelation } from './check-batch.ts';
import type { CheckCommandOptions } from './check-command.ts';

/** More rows than this are read by programs, not by people. */
const maxTableRows = 1_000;

/** What a row is named by, and the file that it came from. */
const names = ['check', 'Id', 'FileId'];

/** Prints all rows that fail checks, by their keys, check by check, in the order of the keys. */
export async function printFailingKeys(
  context: CommandContext,
  suite: ExpectationSuite,
  { format }: Pick<CheckCommandOptions, 'format'>,
): Promise<ExitCode> {
  await readWarehouse(context, async (warehouse) => {
    const batches = keyBatches(warehouse, suite);
    if (format === 'json') {
      await printJsonRows(context, names, batches);
    } else if (format === 'csv') {
      await printCsv(
        context,
        names.map((name) => ({ name })),
        batches,
      );
    } else {
      await printFirst(context, batches);
    }
  });
  return exitCodes.done;
}

async function printFirst(
  context: CommandContext,
  batches: AsyncIterable<readonly (readonly CellValue[])[]>,
): Promise<void> {
  const rows: (readonly CellValue[])[] = [];
  for await (const batch of batches) {
    rows.push(...batch);
    if (rows.length > maxTableRows) {
      break;
    }
  }
  const shown = rows.slice(0, maxTableRows);
  printTable(
    context,
    names,
    shown.map((row) => row.map(textOf)),
  );
  if (rows.length > shown.length) {
    say(context, `these are the first ${shown.length}; --format json or csv has all`);
  }
}

function textOf(value: CellValue): string | null {
  return value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** One batch is in memory at a time. */
async function* keyBatches(
  warehouse: DuckDbWarehouse,
  suite: ExpectationSuite,
): AsyncGenerator<(readonly CellValue[])[]> {
  const ofRows = checksOf(suite, 'whole').expectations.filter(
    ({ kind }) => !isAboutWholeTable(kind),
  );
  const { dialect } = duckDbEngine(warehouse);
  for (const { id } of ofRows.flatMap(expandExpectation)) {
    const check = { suite, relation: votesRelation, checkId: id };
    const { text, values } = failingRowsStatement(dialect, check);
    const sql = `select Id, FileId from (${text}) order by Id`;
    const { batches } = await streamRows(warehouse, sql, values);
    for await (const rows of batches) {
      yield rows.map((row) => [id, ...row]);
    }
  }
}
