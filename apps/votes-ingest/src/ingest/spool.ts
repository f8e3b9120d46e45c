import type { Vote } from '@sluice/schemas';
import { warehouseErrorFrom } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { rejectedRowOf } from './rejected-record.ts';
import type { RejectedRecord, RejectedRow } from './rejected-record.ts';
import { VoteAppender } from './vote-appender.ts';
import { VoteBatch } from './vote-batch.ts';
import type { FilledBatch } from './vote-columns.ts';

type Connection = DuckDbWarehouse['connection'];
type RowAppender = Awaited<ReturnType<Connection['createAppender']>>;

/** The attached database that spooled records lie in. */
export const spoolCatalog = 'spool';

/** Rows between two commits of the spool. */
const flushRows = 20_000;

const tables = `
  create or replace table spool.suspect (
    Id bigint, PostId bigint, VoteTypeId smallint, UserId bigint, CreationDate timestamp,
    BountyAmount integer, line bigint);
  create or replace table spool.quarantine (
    line bigint, reason varchar, message varchar, raw varchar, raw_base64 varchar,
    raw_bytes bigint, raw_sha256 varchar, check_id varchar);
  create or replace table spool.accepted_lines (
    sequence bigint, first_line bigint, line_count bigint);
`;

/**
 * Where what can not go straight into the table waits for the end of its file: records whose Id may
 * exist already, records for quarantine, and the list of the lines that became rows.
 *
 * It is a database in memory beside the warehouse, which spills to disk at DuckDB's memory limit,
 * with a connection of its own: so it outlives a rollback of the file's transaction, and a refused
 * file can keep its quarantine.
 */
export class Spool {
  readonly #connection: Connection;
  #suspects: VoteAppender | undefined;
  #pushed: VoteBatch | undefined;
  #quarantine: RowAppender | undefined;
  #acceptedLines: RowAppender | undefined;
  #unflushed = 0;
  #sequence = 0;
  suspects = 0;
  quarantined = 0;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async create(warehouse: DuckDbWarehouse): Promise<Spool> {
    try {
      const connection = await warehouse.connect();
      await connection.run(`attach ':memory:' as ${spoolCatalog}`);
      return new Spool(connection);
    } catch (cause) {
      throw warehouseErrorFrom(cause, 'prepare the spool');
    }
  }

  /** Empties the spool for the next file, also where the last one was never finished. */
  async begin(): Promise<void> {
    try {
      this.#abandon();
      await this.#connection.run(tables);
      this.#suspects = await VoteAppender.create(this.#connection, this.#table('suspect'));
      this.#quarantine = await this.#createAppender('quarantine');
      this.#acceptedLines = await this.#createAppender('accepted_lines');
    } catch (cause) {
      throw warehouseErrorFrom(cause, 'prepare the spool');
    }
    this.#unflushed = 0;
    this.#sequence = 0;
    this.suspects = 0;
    this.quarantined = 0;
  }

  /** Suspects, tagged with their lines. */
  addSuspects(batch: FilledBatch): void {
    if (this.#suspects === undefined) {
      throw notBegun();
    }
    this.#suspects.append(batch);
    this.suspects += batch.rows;
  }

  /** One suspect, which is added when there are enough, or the spool is finished. */
  pushSuspectVote(vote: Vote, lineNumber: number): void {
    this.#pushed ??= new VoteBatch((batch) => {
      this.addSuspects(batch);
      return batch.memory;
    });
    this.#pushed.pushVote(vote, lineNumber);
  }

  /** Notes that lines one after the other went into the table; to be called in the order of the lines. */
  addAcceptedLines(firstLine: number, lineCount: number): void {
    const appender = this.#acceptedLines;
    if (appender === undefined) {
      throw notBegun();
    }
    appender.appendBigInt(BigInt(this.#sequence));
    appender.appendBigInt(BigInt(firstLine));
    appender.appendBigInt(BigInt(lineCount));
    this.#endRow(appender);
    this.#sequence += 1;
  }

  /** See {@link Spool.addRejected}. */
  pushRejected(record: RejectedRecord): void {
    this.addRejected(rejectedRowOf(record));
  }

  /** @throws {WarehouseError} where the spool finds no room. */
  addRejected(row: RejectedRow): void {
    const appender = this.#quarantine;
    if (appender === undefined) {
      throw notBegun();
    }
    appender.appendBigInt(BigInt(row.line));
    appender.appendVarchar(row.reason);
    appender.appendVarchar(row.message);
    appendOptional(appender, row.text);
    appendOptional(appender, row.base64);
    appender.appendBigInt(BigInt(row.rawBytes));
    appendOptional(appender, row.rawSha256);
    appendOptional(appender, row.checkId);
    this.#endRow(appender);
    this.quarantined += 1;
  }

  /** Makes all that was pushed visible to the warehouse's other connections. */
  finish(): void {
    this.#pushed?.finish();
    try {
      this.#suspects?.close();
      this.#quarantine?.closeSync();
      this.#acceptedLines?.closeSync();
      this.#suspects = undefined;
      this.#quarantine = undefined;
      this.#acceptedLines = undefined;
    } catch (cause) {
      throw warehouseErrorFrom(cause, 'write the spool');
    }
  }

  close(): void {
    this.#abandon();
    this.#connection.closeSync();
  }

  /**
   * Drops what was pushed since `begin`, unless it was finished: DuckDB flushes a forgotten appender
   * when it is collected, and would do so into the tables of a later file.
   */
  #abandon(): void {
    this.#pushed = undefined;
    this.#suspects?.abandon();
    for (const appender of [this.#quarantine, this.#acceptedLines]) {
      appender?.clear();
      appender?.closeSync();
    }
    this.#suspects = undefined;
    this.#quarantine = undefined;
    this.#acceptedLines = undefined;
  }

  #endRow(appender: RowAppender): void {
    try {
      appender.endRow();
      this.#unflushed += 1;
      if (this.#unflushed >= flushRows) {
        appender.flushSync();
        this.#unflushed = 0;
      }
    } catch (cause) {
      throw warehouseErrorFrom(cause, 'write the spool');
    }
  }

  #table(table: string) {
    return { catalog: spoolCatalog, schema: 'main', table };
  }

  async #createAppender(table: string): Promise<RowAppender> {
    return this.#connection.createAppender(table, 'main', spoolCatalog);
  }
}

function appendOptional(appender: RowAppender, text: string | undefined): void {
  if (text === undefined) {
    appender.appendNull();
  } else {
    appender.appendVarchar(text);
  }
}

function notBegun(): TypeError {
  return new TypeError('the spool must begin a file first');
}
