import { existsSync } from 'node:fs';
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
    await mkdir(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const parent = dirname(path);
    if (code === 'ENOENT' && !existsSync(parent)) {
      await makeFolder(parent);
      await makeFolder(path);
    } else if (code !== 'EEXIST' || !(await isFolder(path))) {
      throw cause;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}
