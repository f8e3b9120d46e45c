import { ChunkAppender } from '@sluice/warehouse';
import type { DuckDbWarehouse, TableName } from '@sluice/warehouse';

import { columnBuffersOf, voteColumnTypes } from './vote-columns.ts';
import type { FilledBatch } from './vote-columns.ts';

/** Appends batches of votes to a table of their columns. */
export class VoteAppender {
  readonly #appender: ChunkAppender;

  private constructor(appender: ChunkAppender) {
    this.#appender = appender;
  }

  static async create(
    connection: DuckDbWarehouse['connection'],
    table: TableName,
  ): Promise<VoteAppender> {
    return new VoteAppender(await ChunkAppender.create(connection, table, voteColumnTypes));
  }

  /** @throws {WarehouseError} with the code of what DuckDB reports. */
  append({ memory, rows }: FilledBatch): void {
    this.#appender.append(columnBuffersOf(memory), rows);
  }

  /** Hands the last rows over to the connection's transaction. */
  close(): void {
    this.#appender.close();
  }

  /** Drops what was not handed over; the rest goes with the transaction's rollback. */
  abandon(): void {
    this.#appender.abandon();
  }
}
