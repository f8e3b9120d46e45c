import { existsSync } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PostgresError } from '../errors.ts';
import { isRunning, ownMark } from './process-mark.ts';
import type { ServerAccount } from './server-account.ts';
import { startProgram, waitForExit } from './server-process.ts';

const draftPrefix = 'new-';
const lastLogBytes = 1_000;
let nextDraft = 0;

/** What a new data folder is made with. */
export interface ClusterOptions {
  /** Holds the data folder, and its drafts. */
  readonly folder: string;
  readonly dataFolder: string;
  readonly binFolder: string;
  readonly majorVersion: number;
  readonly account: ServerAccount | undefined;
  readonly superuserPassword: string;
  readonly isThrowaway: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a data folder under another name, waits for the disk to have all of it, and only then gives
 * it its name: what has the name is whole. Of several processes that do so at once one gives it.
 */
export async function createCluster(options: ClusterOptions): Promise<void> {
  const draft = join(options.folder, `${draftPrefix}${ownMark()}+${nextDraft++}`);
  await rm(draft, { recursive: true, force: true });
  try {
    await mkdir(draft);
    await mkdir(join(draft, 'data'), { mode: 0o700 });
    await initialize(options, draft);
    await rename(join(draft, 'data'), options.dataFolder);
    await syncFolder(options.folder);
  } catch (cause) {
    if (!existsSync(join(options.dataFolder, 'PG_VERSION'))) {
      throw cause;
    }
    // Another process was first.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function initialize(options: ClusterOptions, draft: string): Promise<void> {
  const dataFolder = join(draft, 'data');
  const inputPath = join(draft, 'password');
  await writeFile(inputPath, options.superuserPassword, { mode: 0o600 });
  if (options.account !== undefined) {
    await chown(dataFolder, options.account.uid, options.account.gid);
    await chown(inputPath, options.account.uid, options.account.gid);
  }
  const logPath = join(draft, 'initdb.log');
  const child = startProgram({
    program: join(options.binFolder, 'initdb'),
    dataFolder,
    account: options.account,
    programArguments: initdbArguments(options),
    logPath,
    // Ctrl-C is for us; we tell it.
    isDetached: true,
    inputPath,
  });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await waitForExit(child);
    if (options.signal?.aborted === true) {
      throw new PostgresError('CANCELLED', 'start the embedded Postgres: stopped');
    }
    if (exitCode !== 0) {
      const said = (await readFile(logPath, 'utf8')).trim().slice(-lastLogBytes);
      throw new PostgresError(
        'EMBEDDED',
        `start the embedded Postgres: initdb could not make ${options.dataFolder}: ` +
          said.replaceAll(/\s*\n\s*/g, ' '),
      );
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

function initdbArguments(options: ClusterOptions): string[] {
  return [
    '--username=postgres',
    // As an open file: the folders above it may be closed to the account.
    '--pwfile=/dev/fd/3',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    ...localeArguments(options.majorVersion),
    ...(options.isThrowaway ? ['--no-sync'] : []),
  ];
}

/** By code point, whatever the machine: the same order everywhere, and no index to rebuild. */
function localeArguments(majorVersion: number): string[] {
  return majorVersion >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8'];
}

/** Removes the data folders that killed processes were making. */
export async function removeDeadDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(draftPrefix) && !isRunning(name.slice(draftPrefix.length))) {
      // An initdb that outlived its starter may still write there: the next one will get it all.
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
