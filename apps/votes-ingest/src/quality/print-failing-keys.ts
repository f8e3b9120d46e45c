import { printCsv, printJsonRows, printTable, say } from '@sluice/command-line';
import type { CellValue } from '@sluice/command-line';
import { expandExpectation, failingRowsStatement, readFailingKeys } from '@sluice/data-quality';
import type { Check } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';
import { checksOf, hasFailingKeys, isAboutWholeTable } from '@sluice/schemas/expectations';
import type { ExpectationSuite, RowKey } from '@sluice/schemas/expectations';
import { streamRows } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { votesRelation } from './check-batch.ts';
import type { CheckCommandOptions } from './check-command.ts';

/** More rows than this are read by programs, not by people. */
const maxTableRows = 1_000;

/** What a row is named by, and the file that it came from; else the key of a slot, or a column. */
const names = ['check', 'Id', 'FileId', 'key'];

/**
 * Prints all that fails checks, by its keys, check by check, in the order of the keys: rows, days without
 * one, columns that have drifted.
 */
export async function printFailingKeys(
  context: CommandContext,
  suite: ExpectationSuite,
  { check, format }: Pick<CheckCommandOptions, 'check' | 'format'>,
): Promise<ExitCode> {
  await readWarehouse(context, async (warehouse) => {
    const batches = keyBatches(context, warehouse, suite);
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
  const needsPlan = keyedChecks(suite).filter(({ kind }) => kind === 'gaps');
  if (check !== undefined && needsPlan.length > 0 && context.config.arrivals === undefined) {
    const ids = needsPlan.map(({ id }) => id).join(', ');
    say(
      context,
      `${ids}: skipped, as no files are expected: the setting arrivals says which ones are`,
    );
  }
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

/** Of rows one batch is in memory at a time. */
async function* keyBatches(
  { config, now }: CommandContext,
  warehouse: DuckDbWarehouse,
  suite: ExpectationSuite,
): AsyncGenerator<(readonly CellValue[])[]> {
  const engine = duckDbEngine(warehouse);
  const calendar = config.arrivals && new FileCalendar(config.arrivals).days();
  for (const { id, kind } of keyedChecks(suite)) {
    const check = { suite, relation: votesRelation, checkId: id };
    if (isAboutWholeTable(kind)) {
      const found: (readonly RowKey[])[] = [];
      await readFailingKeys(engine, { ...check, calendar, now: now() }, (keys) => {
        found.push(keys);
      });
      for (const keys of found) {
        yield keys.map((key) => [id, null, null, key]);
      }
      continue;
    }
    const { text, values } = failingRowsStatement(engine.dialect, check);
    const sql = `select Id, FileId from (${text}) order by Id`;
    const { batches } = await streamRows(warehouse, sql, values);
    for await (const rows of batches) {
      yield rows.map((row) => [id, ...row, null]);
    }
  }
}

function keyedChecks(suite: ExpectationSuite): readonly Check[] {
  return checksOf(suite, 'whole')
    .expectations.flatMap(expandExpectation)
    .filter(({ kind }) => hasFailingKeys(kind));
}
