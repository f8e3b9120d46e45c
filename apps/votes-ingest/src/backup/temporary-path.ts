import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * A name of this process's own beside `path`, for what is renamed to it once it is whole. Removes
 * what was left under such a name by processes that are dead, and by this one.
 */
export async function temporaryPathFor(path: string): Promise<string> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const processId = name.startsWith(prefix)
      ? /^(\d+)\.tmp(?:\.wal)?$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (processId !== undefined && !isAlive(Number(processId))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  return join(folder, `${prefix}${process.pid}.tmp`);
}

/** Whether another process of this number exists. */
function isAlive(processId: number): boolean {
  if (processId === process.pid) {
    return false;
  }
  try {
    process.kill(processId, 0);
    return true;
  } catch (cause) {
    // A process of another user is alive, too.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
