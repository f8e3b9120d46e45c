import { printCsv, printJsonRows, printTable, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';

import type { CommandContext } from '../command-context.ts';
import { CountedBatches } from './counted-batches.ts';

/** More rows than anybody reads in a terminal. */
const maxTableRows = 1_000;

/** Rows to print, batch by batch: the cells in the order of the columns. */
export type RowBatches = AsyncIterable<readonly (readonly CellValue[])[]>;

/** A column, by the names that it has in SQL, CSV and table, and in JSON. */
export interface PrintedColumn {
  readonly name: string;
  readonly member: string;
}

/** Columns by their names in SQL; in JSON `delivery_start` is `deliveryStart`. */
export function columnsNamed(names: readonly string[]): readonly PrintedColumn[] {
  return names.map((name) => ({
    name,
    member: name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  }));
}

/**
 * Prints rows as CSV or as one JSON array without holding them; as a table the first thousand. Gives
 * how many there were.
 */
export async function printRows(
  context: CommandContext,
  format: Format,
  columns: readonly PrintedColumn[],
  batches: RowBatches,
): Promise<number> {
  const counted = new CountedBatches(batches);
  switch (format) {
    case 'csv':
      await printCsv(context, columns, counted);
      break;
    case 'json':
      await printJsonRows(
        context,
        columns.map(({ member }) => member),
        counted,
      );
      break;
    case 'table':
      await printFirstRows(context, columns, counted);
      break;
  }
  return counted.rows;
}

async function printFirstRows(
  context: CommandContext,
  columns: readonly PrintedColumn[],
  batches: CountedBatches<readonly CellValue[]>,
): Promise<void> {
  const shown: (readonly CellValue[])[] = [];
  for await (const rows of batches) {
    shown.push(...rows.slice(0, maxTableRows - shown.length));
  }
  printTable(
    context,
    columns.map(({ name }) => name),
    shown.map((row) => row.map(tableCell)),
  );
  if (batches.rows > shown.length) {
    say(
      context,
      `shown are the first ${shown.length} of ${batches.rows} rows; --format csv and json have all`,
    );
  }
}

function tableCell(cell: CellValue): string | number | bigint | null {
  return typeof cell === 'object' || typeof cell === 'boolean'
    ? cell === null
      ? null
      : JSON.stringify(cell)
    : cell;
}
