import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';

import { PostgresError, postgresErrorFrom } from './errors.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { typeParsers } from './type-parsers.ts';

/** How long after its own limit the server may take to say so, before its connection is given up. */
const answerGraceMs = 10_000;
const defaultBatchRows = 1_000;

/** A table by its schema and name, as they are in the catalogue: not quoted. */
export interface TableReference {
  readonly schema: string;
  readonly table: string;
}

/** What can be asked: a transaction that is open, or a database, where each query has its own. */
export interface Queryable {
  query: (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;
  rows: <Row>(schema: z.ZodType<Row>, sql: string, values?: readonly unknown[]) => Promise<Row[]>;
  row: <Row>(schema: z.ZodType<Row>, sql: string, values?: readonly unknown[]) => Promise<Row>;
  run: (sql: string, values?: readonly unknown[]) => Promise<number>;
}

/** One open transaction. It is over when the function that was given it returns. */
export class PostgresTransaction implements Queryable {
  readonly #client: PoolClient;
  readonly #label: string;
  readonly #statementTimeoutMs: number;

  constructor(
    client: PoolClient,
    context: { readonly label: string; readonly statementTimeoutMs: number },
  ) {
    this.#client = client;
    this.#label = context.label;
    this.#statementTimeoutMs = context.statementTimeoutMs;
  }

  /**
   * The rows of one statement, as type-parsers.ts reads their values.
   *
   * @throws {PostgresError} with the code of what Postgres, or the way to it, reports.
   */
  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const { rows } = await this.#within(firstWords(sql), () =>
      this.#client.query<Record<string, unknown>>({ text: sql, values: [...values] }),
    );
    return rows;
  }

  /** The rows of one statement, each parsed by `schema`; see {@link PostgresTransaction.query}. */
  async rows<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const rows = await this.query(sql, values);
    return rows.map((row) => schema.parse(row));
  }

  /** The only row of a statement that has exactly one. */
  async row<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row> {
    const [row, ...others] = await this.rows(schema, sql, values);
    if (row === undefined || others.length > 0) {
      throw new RangeError(`one row was expected of: ${firstWords(sql)}`);
    }
    return row;
  }

  /** Runs one statement, and gives the number of rows that it touched. */
  async run(sql: string, values: readonly unknown[] = []): Promise<number> {
    const { rowCount } = await this.#within(firstWords(sql), () =>
      this.#client.query({ text: sql, values: [...values] }),
    );
    return rowCount ?? 0;
  }

  /** Runs a text of several statements, which takes no values: a migration. Gives nothing back. */
  async script(sql: string): Promise<void> {
    await this.#within(firstWords(sql), () => this.#client.query(sql));
  }

  /**
   * Sends all statements that `ask` begins at once, and waits for all answers: for a few of which none
   * depends on what another one answers. They run in their order, and where one fails, so do those after
   * it. Neither COPY nor a stream may be among them.
   *
   * @throws {PostgresError} what the first that failed throws.
   */
  async together<Results extends readonly unknown[]>(
    ask: () => { readonly [Index in keyof Results]: Promise<Results[Index]> },
  ): Promise<Results> {
    // The driver decides at each statement whether it waits; here none is under way.
    const client: { pipeline: boolean } = this.#client;
    client.pipeline = true;
    try {
      const answers = await Promise.allSettled(ask());
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (failed !== undefined) {
        throw failed.reason;
      }
      return answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value : undefined,
      ) as unknown as Results;
    } finally {
      client.pipeline = false;
    }
  }

  /**
   * Loads rows in the binary form of COPY, as a `CopyBinaryEncoder` writes them, and gives their
   * number. A whole load counts as one statement for the statement timeout.
   */
  async copyIn(
    target: TableReference,
    columns: readonly string[],
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const table = `${quoteIdentifier(target.schema)}.${quoteIdentifier(target.table)}`;
    const names = columns.map(quoteIdentifier).join(', ');
    const source = new WatchedSource(chunks);
    try {
      return await this.#within(`copy ${table}`, async () => {
        const stream = this.#client.query(copyFrom(`copy ${table} (${names}) from stdin binary`));
        await pipeline(Readable.from(source.read()), stream);
        return stream.rowCount;
      });
    } catch (cause) {
      // What went wrong where the rows come from is no failure of Postgres.
      throw source.failure === undefined ? cause : source.failure.cause;
    }
  }

  /**
   * The rows of a query, a batch at a time, so that memory does not grow with the result. To be read
   * to its end or left before anything else is asked of the transaction.
   */
  async *stream<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly unknown[] = [],
    batchRows = defaultBatchRows,
  ): AsyncGenerator<Row[]> {
    const doing = firstWords(sql);
    const cursor = this.#client.query(
      new Cursor<unknown>(sql, [...values], { types: typeParsers }),
    );
    try {
      for (;;) {
        const rows = await this.#within(doing, () => cursor.read(batchRows));
        if (rows.length === 0) {
          return;
        }
        yield rows.map((row) => schema.parse(row));
      }
    } finally {
      await this.#within(doing, () => cursor.close());
    }
  }

  /** Sends what ends the transaction, and gives the word that Postgres answers with. */
  async end(sql: 'commit' | 'rollback'): Promise<string> {
    const { command } = await this.#within(sql, () => this.#client.query(sql));
    return command;
  }

  /**
   * Waits for `work` no longer than the server may take for it: a connection that was cut without a
   * word would never answer. It is destroyed then, which ends all that waits on it.
   */
  async #within<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    const limitMs = this.#statementTimeoutMs + answerGraceMs;
    const overdue = new AbortController();
    const timer =
      this.#statementTimeoutMs === 0
        ? undefined
        : setTimeout(() => {
            overdue.abort();
            this.#client.connection.stream.destroy();
          }, limitMs);
    try {
      return await work();
    } catch (cause) {
      if (overdue.signal.aborted) {
        throw new PostgresError(
          'CONNECTION_LOST',
          `${this.#label}: ${doing}: no answer in ${limitMs} ms, the connection was given up`,
          { cause },
        );
      }
      throw postgresErrorFrom(cause, `${this.#label}: ${doing}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Chunks on their way, and why there were no more of them. */
class WatchedSource {
  failure: { readonly cause: unknown } | undefined;
  readonly #chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

  constructor(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#chunks;
    } catch (cause) {
      this.failure = { cause };
      throw cause;
    }
  }
}

/** Enough of a statement to find it by. */
export function firstWords(sql: string): string {
  const line = sql.trim().replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
