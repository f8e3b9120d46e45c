import { CommandError, printCsv, printJsonRows, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { isOneSelect, quoteLiteral, readRows, streamRows, WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse, PlainValue } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';

/** More rows than this no one reads in a table. */
const maxTableRows = 1000;
/**
 * The one function that changes the engine where others ask: once its file is refused, DuckDB
 * aborts the whole process when it closes (1.5.6; compare duckdb/duckdb#23174).
 */
const loggingFunction = /enable_logging/i;

/** The options of `query`. */
export interface QueryOptions {
  /** The SQL. */
  readonly args: readonly string[];
  readonly format: Format;
}

/**
 * `votes-ingest query`: what one statement that asks answers. It can neither write anything nor
 * read any other file.
 *
 * @throws {CommandError} with the exit code of wrong usage where the statement is at fault.
 */
export async function queryCommand(
  context: CommandContext,
  { args, format }: QueryOptions,
): Promise<ExitCode> {
  const sql = args.join(' ');
  await readWarehouse(context, async (warehouse) => {
    await warehouse.run('set enable_external_access = false');
    await warehouse.run('set lock_configuration = true');
    if (loggingFunction.test(sql) || !(await blamingTheStatement(isOneSelect(warehouse, sql)))) {
      throw new CommandError(
        'query: give one statement that asks (select, from, with, values, describe, summarize, ' +
          'show, or pivot with its values listed), without parameters; nothing else is run',
        { exitCode: exitCodes.usage },
      );
    }
    // DuckDB parses what it is given here by itself, so no text can end this statement early.
    const source = `from query(${quoteLiteral(sql)})`;
    await (format === 'table'
      ? printTableOf(context, warehouse, source)
      : printAllOf(context, format, warehouse, source));
  });
  return exitCodes.done;
}

async function printTableOf(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  source: string,
): Promise<void> {
  const { columns, rows } = await blamingTheStatement(
    readRows(warehouse, `${source} limit ${maxTableRows + 1}`),
  );
  printTable(
    context,
    columns.map((column) => column.name),
    rows.slice(0, maxTableRows).map((row) => row.map(tableCell)),
  );
  if (rows.length > maxTableRows) {
    context.messages.write(
      `votes-ingest: there are more than these ${maxTableRows} rows; ` +
        '--format csv or json prints all of them\n',
    );
  }
}

/** The result is made whole before its first row is printed: what is printed is never half of it. */
async function printAllOf(
  context: CommandContext,
  format: 'csv' | 'json',
  warehouse: DuckDbWarehouse,
  source: string,
): Promise<void> {
  await blamingTheStatement(warehouse.run(`create temp table query_result as ${source}`));
  const { columns, batches } = await streamRows(warehouse, 'from temp.query_result');
  if (format === 'csv') {
    await printCsv(context, columns, batches);
  } else {
    await printJsonRows(
      context,
      columns.map((column) => column.name),
      batches,
    );
  }
}

function tableCell(value: PlainValue): string | number | bigint {
  switch (typeof value) {
    case 'object':
      return value === null
        ? 'NULL'
        : JSON.stringify(value, (_, inner: unknown) =>
            typeof inner === 'bigint' ? String(inner) : inner,
          );
    case 'boolean':
      return String(value);
    default:
      return value;
  }
}

async function blamingTheStatement<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WarehouseError && (error.code === 'SQL' || error.code === 'READ_ONLY')) {
      throw new CommandError(`query: ${engineMessage(error)}`, {
        exitCode: exitCodes.usage,
        cause: error,
      });
    }
    throw error;
  }
}

/** DuckDB's own words in one line, without its excerpt of the statement, which may be ours. */
function engineMessage({ cause, message }: WarehouseError): string {
  const text = cause instanceof Error ? cause.message : message;
  return text
    .replace(/^Failed to extract statements: /, '')
    .replace(/\n\s*LINE \d+:[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}
