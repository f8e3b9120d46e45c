import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Stands for the standard output in the place of a path. */
export const standardOutput = '-';

/**
 * Writes all of `source` to a path, or to `stdout` for `-`.
 *
 * A file appears under its name only when it is whole; what is no regular file (a pipe, a device) is
 * written to as it is.
 */
export async function writeOutput({
  source,
  path,
  stdout,
  signal,
}: {
  readonly source: Readable;
  readonly path: string;
  readonly stdout: Writable;
  readonly signal: AbortSignal;
}): Promise<void> {
  if (path === standardOutput) {
    await pipeline(source, stdout, { signal });
    return;
  }
  if (await isSpecialFile(path)) {
    await pipeline(source, createWriteStream(path), { signal });
    return;
  }
  const partial = `${path}.partial`;
  try {
    await pipeline(source, createWriteStream(partial), { signal });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function isSpecialFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isFile();
  } catch (error) {
    if (isNodeError(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
