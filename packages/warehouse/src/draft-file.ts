import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The name under which this process prepares what will be called `path`; `ending` says what it is.
 * Removes what processes that died have left under such names. What this one finds under its own
 * goes too: in a container all processes have the same number, one after the other.
 */
export async function prepareDraft(path: string, ending: 'new' | 'tmp'): Promise<string> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const [, processId, nameEnding] =
      /^(\d+)\.(new|tmp)$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '') ?? [];
    if (processId !== undefined && nameEnding === ending && !isAnother(Number(processId))) {
      await rm(join(dirname(path), name), { force: true });
    }
  }
  return `${path}.${process.pid}.${ending}`;
}

/** Whether a process of this number exists, and is not this one. */
function isAnother(processId: number): boolean {
  if (processId === process.pid) {
    return false;
  }
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // A process of another user lives, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
