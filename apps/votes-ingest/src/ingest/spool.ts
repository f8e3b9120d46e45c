import type { EntryReason, Vote } from '@sluice/schemas';
import { warehouseErrorFrom } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CanonicalVote } from './canonical-vote.ts';
import { VoteBatch } from './vote-batch.ts';

type Connection = DuckDbWarehouse['connection'];
type RowAppender = Awaited<ReturnType<Connection['createAppender']>>;

/** A record that is not loaded, with its place and its bytes. */
export interface RejectedRecord {
  readonly reason: EntryReason;
  readonly message: string;
  /** The check that holds it back, where it keeps its contract. */
  readonly checkId?: string | undefined;
  readonly line: number;
  /** The line, or its first 64 KiB where it is too long, without its line end. */
  readonly raw: Uint8Array;
  readonly rawBytes: number;
  /** Of the whole line, where `raw` is not all of it. */
  readonly rawSha256?: string | undefined;
}

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
  #suspects: VoteBatch | undefined;
  #quarantine: RowAppender | undefined;
  #acceptedLines: RowAppender | undefined;
  #unflushed = 0;
  #sequence = 0;
  #firstLine = 0;
  #lineCount = 0;
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
      this.#suspects = await VoteBatch.create(this.#connection, this.#table('suspect'));
      this.#quarantine = await this.#createAppender('quarantine');
      this.#acceptedLines = await this.#createAppender('accepted_lines');
    } catch (cause) {
      throw warehouseErrorFrom(cause, 'prepare the spool');
    }
    this.#unflushed = 0;
    this.#sequence = 0;
    this.#lineCount = 0;
    this.suspects = 0;
    this.quarantined = 0;
  }

  pushSuspectCanonical(vote: CanonicalVote, lineNumber: number): void {
    this.#suspects?.pushCanonical(vote, lineNumber);
    this.suspects += 1;
  }

  pushSuspectVote(vote: Vote, lineNumber: number): void {
    this.#suspects?.pushVote(vote, lineNumber);
    this.suspects += 1;
  }

  /** Notes that a line went into the table; to be called in the order of the lines. */
  noteAccepted(line: number): void {
    if (line === this.#firstLine + this.#lineCount) {
      this.#lineCount += 1;
      return;
    }
    this.#flushAcceptedLines();
    this.#firstLine = line;
    this.#lineCount = 1;
  }

  /** @throws {WarehouseError} where the spool finds no room. */
  pushRejected(record: RejectedRecord): void {
    const appender = this.#quarantine;
    if (appender === undefined) {
      throw new TypeError('the spool must begin a file first');
    }
    const raw = Buffer.from(record.raw.buffer, record.raw.byteOffset, record.raw.byteLength);
    const text = raw.toString('utf8');
    const isUtf8 = record.reason !== 'bad_encoding' && raw.equals(Buffer.from(text, 'utf8'));
    appender.appendBigInt(BigInt(record.line));
    appender.appendVarchar(record.reason);
    appender.appendVarchar(record.message.toWellFormed());
    if (isUtf8) {
      appender.appendVarchar(text);
      appender.appendNull();
    } else {
      appender.appendNull();
      appender.appendVarchar(raw.toString('base64'));
    }
    appender.appendBigInt(BigInt(record.rawBytes));
    for (const optional of [record.rawSha256, record.checkId]) {
      if (optional === undefined) {
        appender.appendNull();
      } else {
        appender.appendVarchar(optional);
      }
    }
    this.#endRow(appender);
    this.quarantined += 1;
  }

  /** Makes all that was pushed visible to the warehouse's other connections. */
  finish(): void {
    this.#flushAcceptedLines();
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
    this.#suspects?.abandon();
    for (const appender of [this.#quarantine, this.#acceptedLines]) {
      appender?.clear();
      appender?.closeSync();
    }
    this.#suspects = undefined;
    this.#quarantine = undefined;
    this.#acceptedLines = undefined;
  }

  #flushAcceptedLines(): void {
    if (this.#lineCount === 0 || this.#acceptedLines === undefined) {
      return;
    }
    this.#acceptedLines.appendBigInt(BigInt(this.#sequence));
    this.#acceptedLines.appendBigInt(BigInt(this.#firstLine));
    this.#acceptedLines.appendBigInt(BigInt(this.#lineCount));
    this.#endRow(this.#acceptedLines);
    this.#sequence += 1;
    this.#lineCount = 0;
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
