import { existsSync, renameSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { PostgresError } from '../errors.ts';
import { binariesIn, prepareBinaries } from './binaries.ts';
import type { PostgresBinaries } from './binaries.ts';
import { createCluster, removeDeadDrafts } from './create-cluster.ts';
import { asEmbeddedError } from './embedded-error.ts';
import { embeddedHost, tryPort } from './listen-address.ts';
import { makeFolder } from './make-folder.ts';
import { Marks } from './marks.ts';
import { readOrCreatePasswords } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import { ownMark } from './process-mark.ts';
import { chooseServerAccount } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';
import {
  isServerOf,
  readLockFile,
  readRunningServer,
  startProgram,
  waitForExit,
} from './server-process.ts';

const pollMs = 5;
const stopPollMs = 10;
const maxLogBytes = 10 * 1024 * 1024;
const lastLogBytes = 2_000;
const restartDelayMs = 50;
/**
 * What passes by itself: a port that was taken between its choice and the start, another server that
 * was first, and the rest of a killed one, whose processes still hold its memory.
 */
const passingFaults = /Address already in use|lock file .* already exists|shared memory block/;
const stopTimeoutMs = 60_000;

/** Which embedded server, and how it runs. */
export interface EmbeddedOptions {
  /** Holds everything of it: `<SLUICE_HOME>/postgres`. */
  readonly folder: string;
  /** How long until it takes connections. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** `initdb` and `postgres` of another version, for tests. @default those that come with us */
  readonly binFolder?: string | undefined;
  /** Writes reach no disk, for tests. @default false */
  readonly isThrowaway?: boolean | undefined;
}

/**
 * This process's part in an embedded server, of which there is one for each folder, whoever started
 * it. What must not happen twice is left to what can not: a data folder gets its name by one
 * rename, and Postgres itself lets no second server into it. So there is no lock that a killed
 * process could hold; who comes first goes ahead only to spare the others the work.
 */
export class EmbeddedServer {
  readonly passwords: Passwords;
  readonly #options: EmbeddedOptions;
  readonly #users: Marks;
  readonly #starting: Marks;
  readonly #stopping: Marks;
  readonly #dataFolder: string;
  #port = 0;
  #hasCreated = false;
  #ensuring: Promise<void> | undefined;

  private constructor(options: EmbeddedOptions, passwords: Passwords) {
    this.#options = options;
    this.passwords = passwords;
    this.#dataFolder = join(options.folder, 'data');
    this.#users = new Marks(join(options.folder, 'users'));
    this.#starting = new Marks(join(options.folder, 'starting'));
    this.#stopping = new Marks(join(options.folder, 'stopping'));
  }

  /**
   * Joins the server of a folder, and starts it, or makes it, where there is none.
   *
   * @throws {PostgresError} `EMBEDDED` where that can not be done, `CANCELLED`.
   */
  static async join(options: EmbeddedOptions): Promise<EmbeddedServer> {
    const folder = resolve(options.folder);
    try {
      await makeFolder(folder);
      const passwords = await readOrCreatePasswords(join(folder, 'passwords.json'));
      const server = new EmbeddedServer({ ...options, folder }, passwords);
      await server.#users.put();
      try {
        await server.ensureRunning();
        return server;
      } catch (cause) {
        await server.#users.remove();
        throw cause;
      }
    } catch (cause) {
      throw asEmbeddedError(cause, folder);
    }
  }

  /** Stops the server of a folder where nobody uses it; gives whether nobody does. */
  static async stopUnused(folder: string): Promise<boolean> {
    const passwords = await readOrCreatePasswords(join(folder, 'passwords.json'));
    const server = new EmbeddedServer({ folder, waitMs: 0 }, passwords);
    await server.leave();
    return !(await server.#users.hasOthers());
  }

  get folder(): string {
    return this.#options.folder;
  }

  get port(): number {
    return this.#port;
  }

  /** Whether this process made the data folder: it holds nothing yet. */
  get hasCreated(): boolean {
    return this.#hasCreated;
  }

  /** Starts the server again if it is gone, and waits until it takes connections. */
  async ensureRunning(): Promise<void> {
    // All connections of a process lose a server at one moment: only one of them looks after it.
    this.#ensuring ??= this.#ensureRunning().finally(() => {
      this.#ensuring = undefined;
    });
    return this.#ensuring;
  }

  async #ensureRunning(): Promise<void> {
    const deadline = performance.now() + this.#options.waitMs;
    try {
      for (;;) {
        this.#options.signal?.throwIfAborted();
        const server = readRunningServer(this.#dataFolder);
        if (server?.status === 'ready' && !(await this.#stopping.hasOthers())) {
          this.#port = server.port;
          return;
        }
        if (performance.now() > deadline) {
          throw this.#error(`not ready after ${this.#options.waitMs} ms; ${await this.#lastLog()}`);
        }
        if (server === undefined && (await this.#isMyTurn())) {
          await this.#start();
        } else {
          await delay(pollMs);
        }
      }
    } catch (cause) {
      if (this.#options.signal?.aborted === true) {
        throw new PostgresError('CANCELLED', 'start the embedded Postgres: stopped', { cause });
      }
      throw cause;
    } finally {
      await this.#starting.remove();
    }
  }

  /**
   * Leaves the server, and stops it where nobody else uses it. Whoever comes at that moment either
   * sees that it is being stopped, and starts it anew, or is seen, and it is not stopped.
   */
  async leave(): Promise<void> {
    await this.#users.remove();
    if (await this.#users.hasOthers()) {
      return;
    }
    await this.#stopping.put();
    try {
      if (!(await this.#users.hasOthers())) {
        await this.#stop();
      }
    } finally {
      await this.#stopping.remove();
    }
  }

  async #isMyTurn(): Promise<boolean> {
    await this.#starting.put();
    return this.#starting.isFirst();
  }

  /** Makes the data folder where there is none, and tries once to start a server on it. */
  async #start(): Promise<void> {
    await removeDeadDrafts(this.#options.folder);
    const account = chooseServerAccount(this.#dataFolder);
    const binaries =
      this.#options.binFolder === undefined
        ? await prepareBinaries(account, { preferredFolder: this.#options.folder })
        : await binariesIn(this.#options.binFolder);
    if (!existsSync(join(this.#dataFolder, 'PG_VERSION'))) {
      await this.#create(binaries, account);
    }
    await this.#checkVersion(binaries);
    await this.#removeStaleLockFile();
    const port = await this.#choosePort();
    const logPath = await this.#prepareLog();
    const child = startProgram({
      program: join(binaries.binFolder, 'postgres'),
      dataFolder: this.#dataFolder,
      account,
      programArguments: serverArguments(port, this.#options.isThrowaway === true),
      logPath,
      isDetached: true,
    });
    child.unref();
    let hasEnded = false;
    const exit = waitForExit(child).finally(() => {
      hasEnded = true;
    });
    await Promise.race([exit, this.#waitUntilReady(() => hasEnded)]);
    const running = readRunningServer(this.#dataFolder);
    if (running?.processId === child.pid) {
      await writeFile(join(this.#options.folder, 'port'), String(port));
      return;
    }
    if (running !== undefined) {
      // Another process was first.
      return;
    }
    const log = await this.#lastLog();
    if (!passingFaults.test(log)) {
      throw this.#error(`it ends at once; ${log}`);
    }
    await delay(restartDelayMs);
  }

  async #waitUntilReady(hasEnded: () => boolean): Promise<void> {
    while (!hasEnded() && readRunningServer(this.#dataFolder)?.status !== 'ready') {
      await delay(pollMs);
    }
  }

  async #create(binaries: PostgresBinaries, account: ServerAccount | undefined): Promise<void> {
    if (existsSync(this.#dataFolder)) {
      throw this.#error(
        `${this.#dataFolder} is no data folder of Postgres; restore it, or move it away to start empty`,
      );
    }
    await createCluster({
      folder: this.#options.folder,
      dataFolder: this.#dataFolder,
      ...binaries,
      account,
      superuserPassword: this.passwords.superuser,
      isThrowaway: this.#options.isThrowaway === true,
      signal: this.#options.signal,
    });
    this.#hasCreated = true;
  }

  /** Postgres reads no data of another major version; it says so less clearly. */
  async #checkVersion({ majorVersion }: PostgresBinaries): Promise<void> {
    const dataVersion = Number(await readFile(join(this.#dataFolder, 'PG_VERSION'), 'utf8'));
    if (dataVersion !== majorVersion) {
      throw this.#error(
        `${this.#dataFolder} is of Postgres ${dataVersion}, and this is ${majorVersion}; dump it ` +
          'with the version of Sluice that wrote it (pg_dumpall), move it away, and restore it',
      );
    }
  }

  /** Postgres believes in the process number in its lock file, whatever runs under it now. */
  async #removeStaleLockFile(): Promise<void> {
    const path = join(this.#dataFolder, 'postmaster.pid');
    const lock = readLockFile(this.#dataFolder);
    if (lock === undefined || isServerOf(this.#dataFolder, lock.processId)) {
      return;
    }
    const aside = `${path}.${ownMark()}`;
    try {
      renameSync(path, aside);
    } catch {
      // Another process did the same, or Postgres itself.
      return;
    }
    await rm(aside, { force: true });
  }

  /** The one it had, so that what people have noted goes on working; any that is free otherwise. */
  async #choosePort(): Promise<number> {
    const noted = await readFile(join(this.#options.folder, 'port'), 'utf8').catch(() => '');
    const wanted = Number(noted);
    const isPort = Number.isInteger(wanted) && wanted > 1024 && wanted < 65_536;
    return (isPort ? await tryPort(wanted) : undefined) ?? (await tryPort(0)) ?? 0;
  }

  async #prepareLog(): Promise<string> {
    const logFolder = join(this.#options.folder, 'log');
    const path = join(logFolder, 'postgres.log');
    await mkdir(logFolder, { recursive: true });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) {
      renameSync(path, `${path}.1`);
    }
    return path;
  }

  async #stop(): Promise<void> {
    const deadline = performance.now() + stopTimeoutMs;
    const server = readRunningServer(this.#dataFolder);
    if (server === undefined) {
      return;
    }
    sendFastShutdown(server.processId);
    // It removes its lock file last of all.
    while (readRunningServer(this.#dataFolder)?.processId === server.processId) {
      if (performance.now() > deadline) {
        throw this.#error(`it does not stop; ${await this.#lastLog()}`);
      }
      await delay(stopPollMs);
    }
  }

  async #lastLog(): Promise<string> {
    const path = join(this.#options.folder, 'log', 'postgres.log');
    try {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        const length = Math.min(size, lastLogBytes);
        const { buffer } = await file.read({
          buffer: Buffer.alloc(length),
          position: size - length,
        });
        const lines = buffer.toString('utf8').trim().split('\n').slice(-3);
        return `its log, ${path}, ends with: ${lines.join(' | ')}`;
      } finally {
        await file.close();
      }
    } catch {
      return 'it has no log';
    }
  }

  #error(what: string): PostgresError {
    return new PostgresError('EMBEDDED', `run the embedded Postgres: ${what}`);
  }
}

function serverArguments(port: number, isThrowaway: boolean): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: embeddedHost,
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: isThrowaway ? '32MB' : '256MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Checkpoints are half of this apart: a full history, which writes 1.6 GB, has none in its middle. After one,
    // the first look at a page would write all of it again.
    max_wal_size: '4GB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A client that was killed in a long query does not keep the server busy.
    client_connection_check_interval: '10s',
    cluster_name: 'sluice',
    ...(isThrowaway ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function sendFastShutdown(processId: number): void {
  try {
    process.kill(processId, 'SIGINT');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) {
      throw cause;
    }
  }
}
