import { writePieces } from '@sluice/command-line';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import type { Writable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';

import { appVersion } from '../version.ts';
import type { ColumnKind, ExportCell, ExportColumn, ExportTable } from './exported-table.ts';

/** So much of a table is held at a time. */
const rowGroupCells = 500_000;

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
  const groupRows = Math.ceil(rowGroupCells / columns.length);
  let group: (readonly ExportCell[])[] = [];
  for await (const rows of batches) {
    group.push(...rows);
    if (group.length >= groupRows) {
      await writeGroup(parquet, columns, group);
      group = [];
      yield takeBytes(writer);
    }
  }
  if (group.length > 0) {
    await writeGroup(parquet, columns, group);
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

async function writeGroup(
  parquet: ParquetWriter,
  columns: readonly ExportColumn[],
  rows: readonly (readonly ExportCell[])[],
): Promise<void> {
  await parquet.write({
    rowGroupSize: rows.length,
    columnData: columns.map(({ name, kind }, index) => ({
      name,
      data: rows.map((row) => parquetCell(kind, row[index] ?? null)),
    })),
  });
}

/** A day is the only one that is no Parquet value yet. */
function parquetCell(kind: ColumnKind, cell: ExportCell): ExportCell {
  return kind === 'day' && typeof cell === 'string' ? new Date(`${cell}T00:00:00Z`) : cell;
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
