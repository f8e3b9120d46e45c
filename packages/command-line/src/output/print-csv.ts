import type { Options } from 'csv-stringify/sync';
import type { Writable } from 'node:stream';

import { bigintAsText } from './cell-value.ts';
import type { CellValue } from './cell-value.ts';
import { writePieces } from './write-pieces.ts';

/** A column of a CSV document. */
export interface CsvColumn {
  readonly name: string;
  /** Whether a text in it is a number that no double holds, and so no formula. */
  readonly isNumeric?: boolean;
}

type Row = readonly CellValue[];

/**
 * Prints one CSV document: a head, then a line per row, batch by batch. An absent value is an empty
 * cell, an empty text is `""`, a list or an object is JSON. A text that a spreadsheet would take
 * for a formula gets a leading `'`; numbers stay as they are.
 */
export async function printCsv(
  { output }: { readonly output: Writable },
  columns: readonly CsvColumn[],
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): Promise<void> {
  await writePieces(output, csvPieces(columns, batches));
}

async function* csvPieces(
  columns: readonly CsvColumn[],
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<string> {
  // Loaded here, since most commands print no CSV.
  const { stringify } = await import('csv-stringify/sync');
  yield stringify([columns.map((column) => column.name)], csvOptions([]));
  for await (const rows of batches) {
    yield stringify([...rows], csvOptions(columns));
  }
}

function csvOptions(columns: readonly CsvColumn[]): Options {
  return {
    escape_formulas: true,
    cast: {
      boolean: String,
      object: (value) => JSON.stringify(value, bigintAsText),
      string: (text, { index }) => {
        const isFormulaSafe = columns[index]?.isNumeric ?? false;
        const cell = { value: text, quoted_empty: true, escape_formulas: !isFormulaSafe };
        return text === '' || isFormulaSafe ? cell : text;
      },
    },
  };
}
