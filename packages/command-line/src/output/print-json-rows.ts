import type { Writable } from 'node:stream';

import { bigintAsText } from './cell-value.ts';
import type { CellValue } from './cell-value.ts';
import { writePieces } from './write-pieces.ts';

/**
 * Prints one JSON array with an object per row and line, batch by batch. Integers beyond 2^53 are
 * strings.
 */
export async function printJsonRows(
  { output }: { readonly output: Writable },
  names: readonly string[],
  batches: AsyncIterable<readonly (readonly CellValue[])[]>,
): Promise<void> {
  await writePieces(output, jsonPieces(names, batches));
}

async function* jsonPieces(
  names: readonly string[],
  batches: AsyncIterable<readonly (readonly CellValue[])[]>,
): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const rows of batches) {
    yield separator + rows.map((row) => jsonObject(names, row)).join(',\n');
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

function jsonObject(names: readonly string[], row: readonly CellValue[]): string {
  return JSON.stringify(
    Object.fromEntries(names.map((name, index) => [name, row[index]])),
    bigintAsText,
  );
}
