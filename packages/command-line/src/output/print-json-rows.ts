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
  await writePieces(
    output,
    jsonPieces(batches, (row) => jsonObject(names, row)),
  );
}

/** Prints one JSON array with an item per line, batch by batch. */
export async function printJsonItems(
  { output }: { readonly output: Writable },
  batches: AsyncIterable<readonly object[]>,
): Promise<void> {
  await writePieces(
    output,
    jsonPieces(batches, (item) => JSON.stringify(item)),
  );
}

async function* jsonPieces<Item>(
  batches: AsyncIterable<readonly Item[]>,
  textOf: (item: Item) => string,
): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const items of batches) {
    if (items.length === 0) {
      continue;
    }
    yield separator + items.map(textOf).join(',\n');
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
