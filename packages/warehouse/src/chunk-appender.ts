import { BIGINT, DuckDBDataChunk, INTEGER, SMALLINT, TIMESTAMP } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';

import { warehouseErrorFrom } from './errors.ts';

/** Rows per chunk: DuckDB's vector size. */
export const chunkRows = 2048;

const columnTypes = { BIGINT, INTEGER, SMALLINT, TIMESTAMP } as const;

/** One column's values for up to {@link chunkRows} rows, laid out as DuckDB's own vectors are. */
export interface ColumnBuffer {
  readonly type: keyof typeof columnTypes;
  /** Little-endian values of the type's width. */
  readonly data: ArrayBuffer;
  /** One bit a row, least significant first, 1 where there is a value; absent: never null. */
  readonly validity?: ArrayBuffer;
}

/** Where rows go; `catalog` names an attached database. */
export interface TableName {
  readonly catalog?: string;
  readonly schema: string;
  readonly table: string;
}

/**
 * Appends column buffers to a table, a chunk at a time: a memory copy per column, where a row-wise
 * appender makes a call per value. What was appended is in the connection's transaction after
 * `close`.
 */
export class ChunkAppender {
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly ColumnBuffer[];
  readonly #chunk: DuckDBDataChunk;
  readonly #doing: string;

  private constructor(
    appender: DuckDBAppender,
    columns: readonly ColumnBuffer[],
    chunk: DuckDBDataChunk,
    doing: string,
  ) {
    this.#appender = appender;
    this.#columns = columns;
    this.#chunk = chunk;
    this.#doing = doing;
  }

  /** `columns` must be the table's, in its order and types. */
  static async create(
    connection: DuckDBConnection,
    { catalog, schema, table }: TableName,
    columns: readonly ColumnBuffer[],
  ): Promise<ChunkAppender> {
    const doing = `append to ${schema}.${table}`;
    try {
      const appender = await connection.createAppender(table, schema, catalog ?? null);
      const chunk = DuckDBDataChunk.create(
        columns.map((column) => columnTypes[column.type]),
        chunkRows,
      );
      return new ChunkAppender(appender, columns, chunk, doing);
    } catch (cause) {
      throw warehouseErrorFrom(cause, doing);
    }
  }

  /** Appends the first `rowCount` rows of the buffers, which may be written again at once. */
  append(rowCount: number): void {
    try {
      this.#chunk.rowCount = rowCount;
      for (const [index, { data, validity }] of this.#columns.entries()) {
        const vector = bindings.data_chunk_get_vector(this.#chunk.chunk, index);
        const byteCount = (data.byteLength / chunkRows) * rowCount;
        bindings.copy_data_to_vector(vector, 0, data, 0, byteCount);
        if (validity !== undefined) {
          bindings.vector_ensure_validity_writable(vector);
          bindings.copy_data_to_vector_validity(vector, 0, validity, 0, validity.byteLength);
        }
      }
      this.#appender.appendDataChunk(this.#chunk);
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
}
