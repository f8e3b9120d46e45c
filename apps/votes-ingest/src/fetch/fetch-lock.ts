import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';

import { z } from 'zod';

import { FetchError, hasErrorCode } from './fetch-error.ts';
import { readJsonFile } from './json-file.ts';

export interface FetchLock {
  /** Gives the lock up; does nothing to a lock that someone else holds by now. */
  readonly release: () => Promise<void>;
}

const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  /** When the process began: tells it from an earlier one with the same pid, as containers have. */
  processStartMs: z.number(),
  token: z.string(),
});

type Holder = Readonly<z.infer<typeof holderSchema>>;

/**
 * Takes the lock file at `path`, which only one process can have: whoever downloads to one name holds it,
 * so that two never write into one part. A lock whose process has gone is taken over; one of another host
 * is not, since nobody here can tell.
 *
 * @throws {FetchError} `EXISTS` (retryable) that names the holder.
 */
export async function acquireLock(path: string, label: string): Promise<FetchLock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    processStartMs: performance.timeOrigin,
    token: randomUUID(),
  };
  if (!(await createLock(path, holder)) && !(await takeOverLock(path, holder))) {
    throw heldError(path, label, await readJsonFile(path, holderSchema));
  }
  return { release: () => releaseLock(path, holder) };
}

async function createLock(path: string, holder: Holder): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx');
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      return false;
    }
    throw error;
  }
  try {
    await handle.writeFile(`${JSON.stringify(holder)}\n`);
    return true;
  } catch (error) {
    // A lock that names nobody could never be taken over.
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Only one process at a time may judge a lock: else a second one, that read the old lock a moment ago,
 * would remove the new lock of the first.
 */
async function takeOverLock(path: string, holder: Holder): Promise<boolean> {
  const judging = `${path}.takeover`;
  if (!(await createLock(judging, holder))) {
    return false;
  }
  try {
    const current = await readJsonFile(path, holderSchema);
    if (current === undefined || isAlive(current)) {
      return false;
    }
    await rm(path, { force: true });
    return await createLock(path, holder);
  } finally {
    await rm(judging, { force: true });
  }
}

async function releaseLock(path: string, holder: Holder): Promise<void> {
  const current = await readJsonFile(path, holderSchema);
  if (current?.token === holder.token) {
    await rm(path, { force: true });
  }
}

function isAlive({ pid, host, processStartMs }: Holder): boolean {
  if (host !== hostname()) {
    return true;
  }
  if (pid === process.pid) {
    return processStartMs === performance.timeOrigin;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return !hasErrorCode(error, 'ESRCH');
  }
}

function heldError(path: string, label: string, holder: Holder | undefined): FetchError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new FetchError(
    `${label}: ${who} is working on it; wait for it, or if it is gone for sure, remove ${path}`,
    { code: 'EXISTS', retryable: true },
  );
}
