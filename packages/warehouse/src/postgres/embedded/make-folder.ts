import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; others may do so at the same moment. What Node
 * does for `recursive` never ends where a folder is there and can hold none, as below /proc.
 *
 * @throws the error of the file system, `ENOENT` or `EEXIST` too.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (cause) {
    const parent = dirname(path);
    if (codeOf(cause) !== 'ENOENT' || parent === path) {
      throw cause;
    }
    await makeFolder(parent);
    // Once more, and not for ever: whoever made the parent meanwhile must not count as a refusal.
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST' || !(await isFolder(path))) {
      throw cause;
    }
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}
