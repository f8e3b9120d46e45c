import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { programOf, processExists } from './process-mark.ts';
import type { ServerAccount } from './server-account.ts';
import { canReach } from './server-account.ts';

/** Postgres keeps paths in 1,024 bytes, and appends to them. */
const longestFolderBytes = 900;

/** What a server's own lock file says of it. */
export interface RunningServer {
  readonly processId: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, or empty while the file is being written. */
  readonly status: string;
}

/** What `postmaster.pid` says; undefined where there is none, or its server is dead. */
export function readRunningServer(dataFolder: string): RunningServer | undefined {
  const server = readLockFile(dataFolder);
  return server !== undefined && isServerOf(dataFolder, server.processId) ? server : undefined;
}

/** What `postmaster.pid` says, whether its server lives or not. */
export function readLockFile(dataFolder: string): RunningServer | undefined {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
    const processId = Number(lines[0]);
    return Number.isInteger(processId) && processId > 0
      ? { processId, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a process is the server of a data folder, in which it has its working directory: after a
 * reboot, its number may be that of any other, of another server too.
 */
export function isServerOf(dataFolder: string, processId: number): boolean {
  if (process.platform !== 'linux') {
    return processExists(processId);
  }
  if (programOf(processId) !== 'postgres') {
    return false;
  }
  try {
    const folder = statSync(`/proc/${processId}/cwd`);
    const expected = statSync(dataFolder);
    return folder.ino === expected.ino && folder.dev === expected.dev;
  } catch {
    // Root in a container may not look; a server that we may not look at is not ours otherwise.
    return process.getuid?.() === 0 && processExists(processId);
  }
}

/** How a program of Postgres is to be run on a data folder. */
export interface ProgramOptions {
  readonly program: string;
  readonly dataFolder: string;
  readonly account: ServerAccount | undefined;
  readonly programArguments: readonly string[];
  /** What it says goes there, at the end. */
  readonly logPath: string;
  /** Whether it goes on when this process is gone, in a session of its own. */
  readonly isDetached: boolean;
  /** Opened for it as file descriptor 3. */
  readonly inputPath?: string | undefined;
}

/**
 * Starts a program inside a data folder, as `account`. The folders above it may be closed to that
 * account, or too long for Postgres: the working directory is entered before root's rights are
 * given up, and /proc/self/cwd leads to it without passing through them.
 */
export function startProgram(options: ProgramOptions): ChildProcess {
  const logFile = openSync(options.logPath, 'a', 0o600);
  const inputFile = options.inputPath === undefined ? undefined : openSync(options.inputPath, 'r');
  try {
    return spawn(
      options.program,
      ['-D', dataFolderArgument(options), ...options.programArguments],
      {
        cwd: options.dataFolder,
        detached: options.isDetached,
        stdio: ['ignore', logFile, logFile, ...(inputFile === undefined ? [] : [inputFile])],
        // Nothing of ours reaches it: PGDATA, PGOPTIONS and the like would change what it does.
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
        ...(options.account ?? {}),
      },
    );
  } finally {
    closeSync(logFile);
    if (inputFile !== undefined) {
      closeSync(inputFile);
    }
  }
}

function dataFolderArgument({ dataFolder, account }: ProgramOptions): string {
  const isUsable =
    Buffer.byteLength(dataFolder) <= longestFolderBytes && canReach(account, dataFolder);
  return isUsable || process.platform !== 'linux' ? dataFolder : '/proc/self/cwd';
}

/** Waits for the end of a program that was started, and gives its exit code; null after a signal. */
export async function waitForExit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}
