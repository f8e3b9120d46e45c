import { printCsv, printJsonRows } from '@sluice/command-line';
import type { CellValue } from '@sluice/command-line';
import type { Writable } from 'node:stream';

import type { ExportCell, ExportTable } from './exported-table.ts';

/** Writes a table as CSV with a head, or as one JSON array: instants as ISO 8601 in UTC. */
export async function writeText(
  output: Writable,
  format: 'csv' | 'json',
  { columns, batches }: ExportTable,
): Promise<void> {
  const texts = withTexts(batches);
  await (format === 'csv'
    ? printCsv({ output }, columns, texts)
    : printJsonRows(
        { output },
        columns.map(({ member }) => member),
        texts,
      ));
}

async function* withTexts(batches: ExportTable['batches']): AsyncGenerator<CellValue[][]> {
  for await (const rows of batches) {
    yield rows.map((row) => row.map(textOf));
  }
}

function textOf(cell: ExportCell): CellValue {
  return cell instanceof Date ? cell.toISOString() : cell;
}
