import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { ExportCell, ExportColumn, ExportTable } from './exported-table.ts';
import { readCells, readKeys } from './read-cells.ts';
import type { ExportQuestion, SeriesCell } from './read-cells.ts';

const timeColumns: readonly ExportColumn[] = [
  { name: 'business_day', member: 'businessDay', kind: 'day', isNullable: false },
  { name: 'delivery_start', member: 'deliveryStart', kind: 'instant', isNullable: false },
  { name: 'delivery_end', member: 'deliveryEnd', kind: 'instant', isNullable: false },
];

/**
 * One row per delivery period, and a column for each key: those that were asked for, or all that have
 * anything in these days. A null is a null of the source, or stands where there is no value.
 */
export async function wideTable(
  tx: PostgresTransaction,
  question: ExportQuestion,
  onDays: (days: number) => void,
): Promise<ExportTable> {
  const keys = [...new Set(question.keys ?? (await readKeys(tx, question)))];
  return {
    columns: [...timeColumns, ...keyColumns(keys)],
    batches: pivot(readCells(tx, question, onDays), keys),
  };
}

/** Named like their keys; one that is called like a column of ours is made another that no key has. */
function keyColumns(keys: readonly string[]): readonly ExportColumn[] {
  const ours = new Set(timeColumns.flatMap(({ name, member }) => [name, member]));
  const taken = new Set([...ours, ...keys]);
  return keys.map((key) => {
    let name = key;
    while (ours.has(key) && taken.has(name)) {
      name += '_';
    }
    taken.add(name);
    return { name, member: name, kind: 'number', isNullable: true };
  });
}

async function* pivot(
  batches: AsyncIterable<readonly SeriesCell[]>,
  keys: readonly string[],
): AsyncGenerator<ExportCell[][]> {
  const places = new Map(keys.map((key, index) => [key, timeColumns.length + index]));
  let row: ExportCell[] | undefined;
  let startMs = Number.NaN;
  for await (const cells of batches) {
    const done: ExportCell[][] = [];
    for (const { key, deliveryStart, deliveryEnd, businessDay, value } of cells) {
      if (row === undefined || deliveryStart.getTime() !== startMs) {
        done.push(...(row === undefined ? [] : [row]));
        startMs = deliveryStart.getTime();
        row = [businessDay, deliveryStart, deliveryEnd, ...keys.map(() => null)];
      }
      const place = places.get(key);
      if (place !== undefined) {
        row[place] = value;
      }
    }
    yield done;
  }
  yield row === undefined ? [] : [row];
}
