import { existsSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { CommandError } from '../errors.ts';

/** Where a command writes a result to. */
export interface TargetFile {
  /** An absolute path. */
  readonly path: string;
  /** Whether a file that is there is replaced. */
  readonly overwrite: boolean;
  /** What an error begins with: `export`. */
  readonly doing: string;
}

/**
 * Refuses a target before any work is done for it.
 *
 * @throws {CommandError} where its folder is not there, it is a folder, or it is a file that is not to
 * be replaced.
 */
export function refuseBadTarget(target: TargetFile): void {
  const { path, overwrite, doing } = target;
  if (!existsSync(dirname(path))) {
    throw new CommandError(`${doing} to ${path}: there is no folder ${dirname(path)}`);
  }
  if (!existsSync(path)) {
    return;
  }
  if (statSync(path).isDirectory()) {
    throw new CommandError(`${doing} to ${path}: it is a folder`);
  }
  if (!overwrite) {
    throw existsError(target);
  }
}

/**
 * Writes a file: `write` makes it under the temporary name that it is given, then it is flushed to the
 * disk, then it gets its name. Nobody ever sees half of it, and what was there stays until then.
 * Gives its size.
 *
 * @throws {CommandError} where someone made the file meanwhile; and what `write` throws.
 */
export async function writeAside(
  target: TargetFile,
  write: (temporaryPath: string) => Promise<void>,
): Promise<number> {
  const temporaryPath = `${target.path}.${process.pid}.tmp`;
  try {
    await write(temporaryPath);
    const sizeBytes = await flush(temporaryPath);
    await (target.overwrite
      ? rename(temporaryPath, target.path)
      : nameIfFree(temporaryPath, target));
    await syncFolder(dirname(target.path));
    return sizeBytes;
  } finally {
    await rm(temporaryPath, { force: true });
  }
}

async function flush(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** Unlike a rename, a link never replaces what someone else has put there meanwhile. */
async function nameIfFree(from: string, target: TargetFile): Promise<void> {
  try {
    await link(from, target.path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') {
      throw existsError(target);
    }
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw cause;
    }
    // A file system without links, such as FAT: there the check at the beginning has to do.
    await rename(from, target.path);
  }
}

/** A new name is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function existsError({ path, doing }: TargetFile): CommandError {
  return new CommandError(`${doing} to ${path}: it exists; --overwrite replaces it`);
}
