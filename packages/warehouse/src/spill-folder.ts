import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Where DuckDB puts what exceeds its memory limit. */
export interface SpillFolder {
  /** Of this process's use of this warehouse alone; DuckDB makes it when it spills. */
  readonly path: string;
  /** Removes what dead users of the warehouse have left; only for who is alone with it. */
  readonly removeLeft: () => Promise<void>;
}

/**
 * A folder to spill into, in `parent` or else beside the warehouse. Two processes must never share
 * one: DuckDB gives their files the same names, and each overwrites what the other reads back. Two
 * readers of one warehouse have crashed that way.
 */
export function spillFolderOf(warehousePath: string, parent?: string): SpillFolder {
  const folder = parent ?? dirname(warehousePath);
  const whichWarehouse = createHash('sha256').update(resolve(warehousePath)).digest('hex');
  const prefix = `${basename(warehousePath)}.${whichWarehouse.slice(0, 8)}-`;
  return {
    path: join(folder, `${prefix}${randomBytes(4).toString('hex')}.tmp`),
    removeLeft: async () => {
      for (const name of existsSync(folder) ? await readdir(folder) : []) {
        if (name.startsWith(prefix) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length))) {
          await rm(join(folder, name), { recursive: true, force: true });
        }
      }
    },
  };
}
