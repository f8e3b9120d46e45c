import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { z } from 'zod';

import { requestCancel } from './cancel-request.ts';
import type { ConnectionTarget } from './connection-config.ts';
import { PostgresError, postgresErrorFrom } from './errors.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import type { Queryable } from './postgres-transaction.ts';
import { typeParsers } from './type-parsers.ts';

const keepAliveDelayMs = 15_000;
const idleInTransactionMs = 30_000;

/**
 * What decides how values are written to us, and what our statements mean, and what a database, a role or another
 * client of a pooler may have set: values are read as `type-parsers.ts` says, and numbers to their last digit.
 */
const valueSettings: readonly string[] = [
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO'",
  "set local intervalstyle = 'postgres'",
  'set local extra_float_digits = 1',
  'set local standard_conforming_strings = on',
  'set local array_nulls = on',
  'set local transform_null_equals = off',
];

/** The roles that the parts of Sluice act in. */
export const postgresRoles = ['owner', 'worker', 'reader', 'metrics'] as const;
export type PostgresRole = (typeof postgresRoles)[number];

/** How a transaction is run. */
export interface TransactionOptions {
  /** @default false */
  readonly readOnly?: boolean | undefined;
  /** @default 'read committed' */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined;
  /** For each statement; 0 is none. @default as the database was opened */
  readonly statementTimeoutMs?: number | undefined;
  /** For each lock; 0 is none. @default as the database was opened */
  readonly lockTimeoutMs?: number | undefined;
  /**
   * `false` does not wait for the disk: a crash of the server may take back the last moments, whole
   * transactions at a time. @default true
   */
  readonly synchronousCommit?: boolean | undefined;
}

/** How a transaction is run that only reads. */
export interface ReadOptions extends Omit<TransactionOptions, 'readOnly' | 'synchronousCommit'> {
  /** Aborting it cancels what runs, at the server too, and gives its connection up. */
  readonly signal?: AbortSignal | undefined;
}

/** What a database is made of; `openPostgres` puts it together. */
export interface DatabaseParts {
  readonly role: PostgresRole;
  /** Where it is now, and how to connect in a role. */
  readonly targetOf: (role: PostgresRole) => ConnectionTarget;
  readonly applicationName: string;
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** The URL for a person, by role. */
  readonly url: (role: PostgresRole) => string;
  readonly isEmbedded: boolean;
  /** Starts an embedded server again that has died; it may be elsewhere then. */
  readonly revive?: (() => Promise<void>) | undefined;
  /** Leaves the embedded server. */
  readonly leave?: (() => Promise<void>) | undefined;
}

/**
 * A database, with a pool of connections. Nothing is ever set for a session: each transaction sets
 * its own time limits and zone (UTC), so that a pooler between us and Postgres may hand each to
 * another connection.
 */
export class PostgresDatabase implements Queryable {
  readonly isEmbedded: boolean;
  readonly #parts: DatabaseParts;
  readonly #pool: Pool;
  #target: ConnectionTarget;
  #closing: Promise<void> | undefined;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.#target = parts.targetOf(parts.role);
    this.isEmbedded = parts.isEmbedded;
    this.#pool = new Pool({
      ...this.#target.config,
      application_name: parts.applicationName,
      max: parts.poolSize,
      connectionTimeoutMillis: parts.connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveDelayMs,
      types: typeParsers,
    });
    // An idle connection that breaks is taken out of the pool; nobody waits for it.
    this.#pool.on('error', ignore);
    // One in use tells whoever waits on it; as an event it would end the process.
    this.#pool.on('connect', (client) => client.on('error', ignore));
  }

  /** Where it is, for messages: without a password. */
  get label(): string {
    return this.#target.label;
  }

  /** The URL to connect with in `role`, password included: for a person who asked for it. */
  url(role: PostgresRole): string {
    return this.#parts.url(role);
  }

  /**
   * The same database for `work` alone, in another role where it is embedded, and closed afterwards:
   * for what a worker may not, such as a migration.
   */
  async withRole<Result>(
    role: PostgresRole,
    work: (db: PostgresDatabase) => Promise<Result>,
  ): Promise<Result> {
    const db = new PostgresDatabase({ ...this.#parts, role, poolSize: 1, leave: undefined });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  }

  /**
   * Runs `work` in one transaction: all of it is committed, or none of it.
   *
   * @throws {PostgresError} `COMMIT_UNKNOWN` where the connection broke during the commit; and what
   * `work` throws.
   */
  async transaction<Result>(
    work: (tx: PostgresTransaction) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    return this.#run(await this.#acquire(), work, options);
  }

  async #run<Result>(
    client: PoolClient,
    work: (tx: PostgresTransaction) => Promise<Result>,
    options: TransactionOptions,
  ): Promise<Result> {
    const statementTimeoutMs = options.statementTimeoutMs ?? this.#parts.statementTimeoutMs;
    const tx = new PostgresTransaction(client, { label: this.label, statementTimeoutMs });
    let isBroken = true;
    try {
      const result = await this.#runAndCommit(tx, work, options);
      isBroken = false;
      return result;
    } catch (cause) {
      isBroken = !(await rollBack(tx, cause));
      throw cause;
    } finally {
      client.release(isBroken);
    }
  }

  /**
   * {@link PostgresDatabase.transaction} that may only read, and sees one moment throughout.
   *
   * @throws {PostgresError} `CANCELLED` when the signal is aborted; and what `work` throws.
   */
  async read<Result>(
    work: (tx: PostgresTransaction) => Promise<Result>,
    { signal, ...options }: ReadOptions = {},
  ): Promise<Result> {
    const reading = { isolation: 'repeatable read', ...options, readOnly: true } as const;
    if (signal === undefined) {
      return this.transaction(work, reading);
    }
    const client = await this.#acquireBefore(signal);
    const stop = (): void => {
      requestCancel(client);
      client.connection.stream.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
    try {
      return await this.#run(client, work, reading);
    } catch (cause) {
      throw signal.aborted ? cancelledError(this.label, cause) : cause;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** One statement, in a transaction of its own; see {@link PostgresTransaction.query}. */
  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    return this.transaction((tx) => tx.query(sql, values));
  }

  /** One statement, in a transaction of its own; see {@link PostgresTransaction.rows}. */
  async rows<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.transaction((tx) => tx.rows(schema, sql, values));
  }

  /** One statement, in a transaction of its own; see {@link PostgresTransaction.row}. */
  async row<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row> {
    return this.transaction((tx) => tx.row(schema, sql, values));
  }

  /** One statement, in a transaction of its own; see {@link PostgresTransaction.run}. */
  async run(sql: string, values: readonly unknown[] = []): Promise<number> {
    return this.transaction((tx) => tx.run(sql, values));
  }

  /**
   * Closes all connections once what runs on them is done; leaves an embedded server, which stops
   * with its last user. Safe to call twice.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#pool.end().then(() => this.#parts.leave?.());
    return this.#closing;
  }

  async #runAndCommit<Result>(
    tx: PostgresTransaction,
    work: (tx: PostgresTransaction) => Promise<Result>,
    options: TransactionOptions,
  ): Promise<Result> {
    await tx.script(this.#beginStatements(options));
    const result = await work(tx);
    let answer: string;
    try {
      answer = await tx.end('commit');
    } catch (cause) {
      throw commitError(cause, this.label);
    }
    if (answer === 'ROLLBACK') {
      throw new PostgresError(
        'INTERNAL',
        `${this.label}: nothing was committed, since a statement had failed before`,
      );
    }
    return result;
  }

  /** One text, so that it is one round trip. */
  #beginStatements(options: TransactionOptions): string {
    const statementTimeoutMs = options.statementTimeoutMs ?? this.#parts.statementTimeoutMs;
    const lockTimeoutMs = options.lockTimeoutMs ?? this.#parts.lockTimeoutMs;
    return [
      `begin isolation level ${options.isolation ?? 'read committed'}`,
      ...(options.readOnly === true
        ? ['set transaction read only']
        : ['set transaction read write']),
      `set local statement_timeout = ${String(Math.trunc(statementTimeoutMs))}`,
      `set local lock_timeout = ${String(Math.trunc(lockTimeoutMs))}`,
      `set local idle_in_transaction_session_timeout = ${String(idleInTransactionMs)}`,
      ...valueSettings,
      // What we ask is short: compiling it costs more than it saves.
      'set local jit = off',
      ...(options.synchronousCommit === false ? ['set local synchronous_commit = off'] : []),
    ].join('; ');
  }

  /** What is acquired when nobody waits for it any more goes back at once. */
  async #acquireBefore(signal: AbortSignal): Promise<PoolClient> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stop = (): void => {
      reject(cancelledError(this.label, signal.reason));
    };
    signal.addEventListener('abort', stop, { once: true });
    const acquired = this.#acquire();
    try {
      if (signal.aborted) {
        stop();
      }
      return await Promise.race([acquired, aborted]);
    } catch (cause) {
      void acquired.then((client) => {
        client.release();
      }, ignore);
      throw cause;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #acquire(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (cause) {
      const error = postgresErrorFrom(cause, `connect to ${this.label}`);
      if (error.code !== 'UNREACHABLE' || this.#parts.revive === undefined) {
        throw error;
      }
    }
    await this.#parts.revive();
    this.#target = this.#parts.targetOf(this.#parts.role);
    // The pool reads its options for each new connection: the server may have come back elsewhere.
    Object.assign(this.#pool.options, this.#target.config);
    try {
      return await this.#pool.connect();
    } catch (cause) {
      throw postgresErrorFrom(cause, `connect to ${this.label}`);
    }
  }
}

function ignore(): void {
  // See where it is used.
}

/** Whether the connection can be used again. */
async function rollBack(tx: PostgresTransaction, cause: unknown): Promise<boolean> {
  const isLost =
    cause instanceof PostgresError &&
    (cause.code === 'CONNECTION_LOST' ||
      cause.code === 'UNREACHABLE' ||
      cause.code === 'COMMIT_UNKNOWN');
  if (isLost) {
    return false;
  }
  try {
    await tx.end('rollback');
    return true;
  } catch {
    // Postgres rolls back what is not committed when the connection goes, which it does now.
    return false;
  }
}

function cancelledError(label: string, cause: unknown): PostgresError {
  return new PostgresError('CANCELLED', `${label}: cancelled before it was answered`, { cause });
}

/** An error of the commit itself is an answer; without an answer nobody knows. */
function commitError(cause: unknown, label: string): PostgresError {
  const error = postgresErrorFrom(cause, `${label}: commit`);
  const isAnswered =
    error.sqlState !== undefined &&
    error.code !== 'CONNECTION_LOST' &&
    error.code !== 'UNREACHABLE';
  if (isAnswered) {
    return error;
  }
  return new PostgresError(
    'COMMIT_UNKNOWN',
    `${label}: the connection was lost during the commit; the work may be done or not`,
    { cause, sqlState: error.sqlState },
  );
}
