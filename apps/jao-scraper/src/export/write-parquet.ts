import { writePieces } from '@sluice/command-line';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import type { Writable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';

import { appVersion } from '../version.ts';
import type { ColumnKind, ExportCell, ExportColumn, ExportTable } from './exported-table.ts';

/** So much of a table is held at a time. */
const rowGroupCells = 500_000;
const millisecondsPerDay = 86_400_000;

/** A cell as Parquet has it: an instant in milliseconds, a day in days, since 1970. */
type ParquetCell = string | number | bigint | null;

/**
 * Writes a table as Parquet, group by group: doubles as they are, instants as UTC milliseconds, days
 * as dates, text as UTF-8; ZSTD. Ends early, without an error, once the stream's reader has left.
 */
export async function writeParquet(output: Writable, table: ExportTable): Promise<void> {
  await writePieces(output, parquetPieces(table));
}

async function* parquetPieces({ columns, batches }: ExportTable): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: schemaOf(columns),
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: `jao-scraper ${appVersion}`,
  });
  const group = new RowGroup(columns);
  for await (const rows of batches) {
    for (const row of rows) {
      group.push(row);
      if (group.isFull) {
        await parquet.write(group.take());
        yield takeBytes(writer);
      }
    }
  }
  if (!group.isEmpty) {
    await parquet.write(group.take());
  }
  await parquet.finish();
  yield takeBytes(writer);
}

/** What was written so far. The writer goes on counting from the file's beginning by itself. */
function takeBytes(writer: ByteWriter): Uint8Array {
  // A copy: what follows is written over these bytes.
  const bytes = new Uint8Array(writer.buffer, 0, writer.index).slice();
  writer.index = 0;
  return bytes;
}

/**
 * The rows that are written next, by columns and as numbers. As rows they would wait for a whole group and so
 * outlive the young generation, and what is in the old one is collected late: memory would grow with the history.
 */
class RowGroup {
  readonly #columns: readonly ExportColumn[];
  readonly #capacity: number;
  readonly #cells: ParquetCell[][];
  readonly #texts = new Map<string, string>();
  #rows = 0;

  constructor(columns: readonly ExportColumn[]) {
    this.#columns = columns;
    this.#capacity = Math.ceil(rowGroupCells / columns.length);
    this.#cells = columns.map(() => []);
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  get isFull(): boolean {
    return this.#rows === this.#capacity;
  }

  push(row: readonly ExportCell[]): void {
    for (const [index, { kind }] of this.#columns.entries()) {
      this.#cells[index]?.push(this.#parquetCell(kind, row[index] ?? null));
    }
    this.#rows += 1;
  }

  /** The rows, for the writer; the group is empty then. */
  take(): { rowGroupSize: number; columnData: { name: string; data: ParquetCell[] }[] } {
    const rowGroupSize = this.#rows;
    const columnData = this.#columns.map(({ name }, index) => ({
      name,
      data: this.#cells[index] ?? [],
    }));
    this.#columns.forEach((_, index) => (this.#cells[index] = []));
    this.#texts.clear();
    this.#rows = 0;
    return { rowGroupSize, columnData };
  }

  #parquetCell(kind: ColumnKind, cell: ExportCell): ParquetCell {
    if (cell instanceof Date) {
      return BigInt(cell.getTime());
    }
    if (typeof cell !== 'string') {
      return cell;
    }
    if (kind === 'day') {
      return Date.parse(`${cell}T00:00:00Z`) / millisecondsPerDay;
    }
    // Of a text that comes again and again, one is kept.
    const known = this.#texts.get(cell);
    if (known === undefined) {
      this.#texts.set(cell, cell);
    }
    return known ?? cell;
  }
}

function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind, isNullable }): SchemaElement => ({
      name,
      repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED',
      ...parquetTypes[kind],
    })),
  ];
}

const parquetTypes: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  day: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
};
