import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';

import { createDatabaseWhole } from './create-database.ts';
import { WarehouseError, warehouseErrorFrom } from './errors.ts';
import { narrowInteger } from './plain-value.ts';
import { spillFolderOf } from './spill-folder.ts';

const firstLockDelayMs = 20;
const maxLockDelayMs = 500;
/** DuckDB forgets an interrupt that comes just before a statement begins, so it is repeated. */
const interruptIntervalMs = 50;

/** How a warehouse is opened. */
export interface OpenOptions {
  /** The DuckDB file. */
  readonly path: string;
  /** `write` creates the file where it is missing, and shuts out all others; `read` does neither. */
  readonly access: 'read' | 'write';
  /** How long to wait for another process that holds the file. */
  readonly lockTimeoutMs: number;
  /** DuckDB's own limit, such as `1GB`; its default is 80 % of the machine's memory. */
  readonly memoryLimit?: string | undefined;
  /** DuckDB's own threads; its default is one per core. */
  readonly threads?: number | undefined;
  /** Where to spill what exceeds the memory limit. @default beside the warehouse */
  readonly temporaryFolder?: string | undefined;
  /** Called once, when the file turns out to be held and the wait begins. */
  readonly onLockWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An open DuckDB file with its one main connection. All time stamps are in UTC, nothing is ever
 * installed or loaded from outside.
 */
export class DuckDbWarehouse {
  readonly path: string;
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;

  private constructor(path: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.path = path;
    this.#instance = instance;
    this.connection = connection;
  }

  /**
   * Opens a warehouse, and waits for it where another process holds it.
   *
   * @throws {WarehouseError} `LOCKED` after the wait, `MISSING`, `NOT_A_WAREHOUSE`, `DAMAGED`,
   * `NEWER_STORAGE`, `READ_ONLY`, `DISK_FULL`, `INTERRUPTED`.
   */
  static async open(options: OpenOptions): Promise<DuckDbWarehouse> {
    if (options.access === 'read' && !existsSync(options.path)) {
      throw new WarehouseError('MISSING', `open warehouse ${options.path}: there is no such file`);
    }
    const spillFolder = spillFolderOf(options.path, options.temporaryFolder);
    const instance = await openInstance(options, spillFolder.path);
    try {
      if (options.access === 'write') {
        await spillFolder.removeLeft();
      }
      const connection = await instance.connect();
      await connection.run(`set TimeZone = 'UTC'`);
      return new DuckDbWarehouse(options.path, instance, connection);
    } catch (cause) {
      instance.closeSync();
      throw warehouseErrorFrom(cause, `open warehouse ${options.path}`);
    }
  }

  /** A second connection to the same file, with transactions of its own. */
  async connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** @throws {WarehouseError} with the code of what DuckDB reports. */
  async run(sql: string, values: readonly DuckDBValue[] = []): Promise<void> {
    try {
      await this.connection.run(sql, [...values]);
    } catch (cause) {
      throw warehouseErrorFrom(cause, `${this.path}: ${firstWords(sql)}`);
    }
  }

  /**
   * The rows of a query, each parsed by `schema`. Integers come as numbers where a number holds
   * them exactly and as bigint where not, instants as Date, UUIDs as text.
   *
   * @throws {WarehouseError} with the code of what DuckDB reports.
   */
  async rows<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly DuckDBValue[] = [],
  ): Promise<Row[]> {
    try {
      const reader = await this.connection.runAndReadAll(sql, [...values]);
      return reader
        .getRowObjectsJS()
        .map((row) =>
          schema.parse(
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                typeof value === 'bigint' ? narrowInteger(value) : value,
              ]),
            ),
          ),
        );
    } catch (cause) {
      throw warehouseErrorFrom(cause, `${this.path}: ${firstWords(sql)}`);
    }
  }

  /** The only row of a query that has exactly one; see {@link DuckDbWarehouse.rows}. */
  async row<Row>(
    schema: z.ZodType<Row>,
    sql: string,
    values: readonly DuckDBValue[] = [],
  ): Promise<Row> {
    const [row, ...others] = await this.rows(schema, sql, values);
    if (row === undefined || others.length > 0) {
      throw new RangeError(`one row was expected of: ${firstWords(sql)}`);
    }
    return row;
  }

  /** Runs `work` in one transaction: all of it is committed, or none of it. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('begin transaction');
    try {
      const result = await work();
      await this.run('commit');
      return result;
    } catch (cause) {
      await this.rollback();
      throw cause;
    }
  }

  /** Ends the transaction without a trace; does nothing where DuckDB has ended it already. */
  async rollback(): Promise<void> {
    try {
      await this.connection.run('rollback');
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const hasEnded = /no transaction is active|database has been invalidated/i.test(message);
      if (!hasEnded) {
        throw warehouseErrorFrom(cause, `${this.path}: rollback`);
      }
    }
  }

  /**
   * Runs `work`, and stops what DuckDB does for it once `signal` is aborted.
   *
   * @throws {WarehouseError} `INTERRUPTED` where it was aborted before; and what `work` throws.
   */
  async interruptible<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    if (signal.aborted) {
      throw new WarehouseError('INTERRUPTED', `${this.path}: stopped before it began`);
    }
    const interrupt = (): void => {
      this.connection.interrupt();
    };
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      interrupt();
      timer = setInterval(interrupt, interruptIntervalMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work();
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Closes the file and lets go of it. Safe to call twice. */
  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

async function openInstance(options: OpenOptions, spillFolder: string): Promise<DuckDBInstance> {
  const doing = `open warehouse ${options.path}`;
  const deadline = performance.now() + options.lockTimeoutMs;
  for (let delayMs = firstLockDelayMs; ; delayMs = Math.min(delayMs * 2, maxLockDelayMs)) {
    try {
      if (options.access === 'write') {
        await createDatabaseWhole(options.path);
      }
      // DuckDB takes a relative `md:votes` for the name of an extension, and downloads it.
      const path = resolve(options.path);
      return await DuckDBInstance.create(path, instanceSettings(options, spillFolder));
    } catch (cause) {
      const error = warehouseErrorFrom(cause, doing);
      if (error.code !== 'LOCKED') {
        throw error;
      }
      const holder = await describeProcess(error.holderProcessId);
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) {
        throw new WarehouseError(
          'LOCKED',
          `${doing}: it is held by ${holder}, still after ${options.lockTimeoutMs} ms; ` +
            'wait for that process to end, or give a longer lock timeout',
          { cause, holderProcessId: error.holderProcessId },
        );
      }
      if (delayMs === firstLockDelayMs) {
        options.onLockWait?.(holder);
      }
      await waitForLock(Math.min(delayMs, remainingMs), options.signal, doing);
    }
  }
}

async function waitForLock(
  delayMs: number,
  signal: AbortSignal | undefined,
  doing: string,
): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch (cause) {
    throw new WarehouseError('INTERRUPTED', `${doing}: stopped while waiting for it`, { cause });
  }
}

function instanceSettings(options: OpenOptions, spillFolder: string): Record<string, string> {
  return {
    access_mode: options.access === 'write' ? 'READ_WRITE' : 'READ_ONLY',
    temp_directory: spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  };
}

async function describeProcess(processId: number | undefined): Promise<string> {
  if (processId === undefined) {
    return 'another process';
  }
  try {
    const commandLine = await readFile(`/proc/${processId}/cmdline`, 'utf8');
    const words = commandLine.split('\0').filter((word) => word !== '');
    const command = words
      .slice(0, 4)
      .map((word) => basename(word))
      .join(' ');
    return command === '' ? `process ${processId}` : `process ${processId} (${command})`;
  } catch {
    // Only Linux has /proc, and the process may have ended since: its number says enough.
    return `process ${processId}`;
  }
}

function firstWords(sql: string): string {
  const words = sql.trim().split(/\s+/).slice(0, 6).join(' ');
  return words.length > 80 ? `${words.slice(0, 80)}…` : words;
}
