import { BIGINT, DuckDBDataChunk, INTEGER, SMALLINT, TIMESTAMP } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';

import { warehouseErrorFrom } from './errors.ts';

/** Rows per chunk: DuckDB's vector size. */
export const chunkRows = 2048;

const columnTypes = { BIGINT, INTEGER, SMALLINT, TIMESTAMP } as const;
const valueBytes = { BIGINT: 8, INTEGER: 4, SMALLINT: 2, TIMESTAMP: 8 } as const;
/** One bit for each row of a chunk. */
const validityBytes = chunkRows / 8;

/** What a column holds. */
export type ColumnBufferType = keyof typeof columnTypes;

/** One column's values for any number of rows, laid out as DuckDB's own vectors are. */
export interface ColumnBuffer {
  readonly type: ColumnBufferType;
  /** Little-endian values of the type's width. */
  readonly data: Uint8Array<ArrayBuffer>;
  /**
   * One bit a row, least significant first, 1 where there is a value, with room for whole chunks; absent:
   * never null.
   */
  readonly validity?: Uint8Array<ArrayBuffer>;
}

/** Where rows go; `catalog` names an attached database. */
export interface TableName {
  readonly catalog?: string;
  readonly schema: string;
  readonly table: string;
}

/**
 * Appends column buffers to a table, chunk by chunk: a memory copy per column, where a row-wise
 * appender makes a call per value. What was appended is in the connection's transaction after
 * `close`.
 */
export class ChunkAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #doing: string;

  private constructor(appender: DuckDBAppender, chunk: DuckDBDataChunk, doing: string) {
    this.#appender = appender;
    this.#chunk = chunk;
    this.#doing = doing;
  }

  /** `types` must be those of the table's columns, in their order. */
  static async create(
    connection: DuckDBConnection,
    { catalog, schema, table }: TableName,
    types: readonly ColumnBufferType[],
  ): Promise<ChunkAppender> {
    const doing = `append to ${schema}.${table}`;
    try {
      const appender = await connection.createAppender(table, schema, catalog ?? null);
      const chunk = DuckDBDataChunk.create(
        types.map((type) => columnTypes[type]),
        chunkRows,
      );
      return new ChunkAppender(appender, chunk, doing);
    } catch (cause) {
      throw warehouseErrorFrom(cause, doing);
    }
  }

  /** Appends the first `rowCount` rows of the columns, whose memory may be written again at once. */
  append(columns: readonly ColumnBuffer[], rowCount: number): void {
    try {
      for (let firstRow = 0; firstRow < rowCount; firstRow += chunkRows) {
        this.#appendChunk(columns, firstRow, Math.min(chunkRows, rowCount - firstRow));
      }
    } catch (cause) {
      throw warehouseErrorFrom(cause, this.#doing);
    }
  }

  /** Hands the last rows over. */
  close(): void {
    try {
      this.#appender.closeSync();
    } catch (cause) {
      throw warehouseErrorFrom(cause, this.#doing);
    }
  }

  /**
   * Throws away what was not handed over yet, for when the transaction ends without a trace. To be
   * called before the rollback: DuckDB flushes a forgotten appender when it is collected, and would
   * do so outside the transaction.
   */
  abandon(): void {
    this.#appender.clear();
    this.close();
  }
  #appendChunk(columns: readonly ColumnBuffer[], firstRow: number, rowCount: number): void {
    this.#chunk.rowCount = rowCount;
    for (const [index, { type, data, validity }] of columns.entries()) {
      const vector = bindings.data_chunk_get_vector(this.#chunk.chunk, index);
      const width = valueBytes[type];
      const from = data.byteOffset + firstRow * width;
      bindings.copy_data_to_vector(vector, 0, data.buffer, from, rowCount * width);
      if (validity !== undefined) {
        const bits = validity.byteOffset + firstRow / 8;
        bindings.vector_ensure_validity_writable(vector);
        bindings.copy_data_to_vector_validity(vector, 0, validity.buffer, bits, validityBytes);
      }
    }
    this.#appender.appendDataChunk(this.#chunk);
  }
}
