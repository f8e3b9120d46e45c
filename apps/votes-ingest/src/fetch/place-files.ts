import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { FetchError, hasErrorCode } from './fetch-error.ts';

export interface PlaceOptions {
  readonly targetFolder: string;
  /** Whether a file that is there may be replaced; a folder never is. */
  readonly overwrite: boolean;
  readonly label: string;
}

export interface Placement {
  readonly from: string;
  /** A path below the target folder. */
  readonly to: string;
}

/**
 * Moves finished files of the same file system to where they are wanted. Nobody ever sees half a file, and
 * no path leads out of the target folder through a link. If one cannot be moved, those that were new are
 * removed again.
 *
 * @throws {FetchError} `EXISTS`, before anything was moved or when someone else was faster.
 */
export async function placeFiles(
  placements: readonly Placement[],
  options: PlaceOptions,
): Promise<void> {
  const absent = new Set<string>();
  for (const { to } of placements) {
    if (await checkPlace(to, options)) {
      absent.add(to);
    }
  }
  const placed: string[] = [];
  try {
    for (const placement of placements) {
      await mkdir(dirname(placement.to), { recursive: true });
      await placeFile(placement, options);
      placed.push(placement.to);
    }
  } catch (error) {
    for (const path of placed.filter((to) => absent.has(to))) {
      await rm(path, { force: true });
    }
    throw error;
  }
  for (const folder of new Set(placements.map(({ to }) => dirname(to)))) {
    await syncFolder(folder);
  }
}

/**
 * Whether nothing is at the path yet.
 *
 * @throws {FetchError} `EXISTS` if something is there that may not be replaced, or a part of the path is no
 * folder.
 */
export async function checkPlace(
  path: string,
  { targetFolder, overwrite, label }: PlaceOptions,
): Promise<boolean> {
  const parents = relative(targetFolder, dirname(path)).split(sep).filter(Boolean);
  let folder = targetFolder;
  for (const name of parents) {
    folder = join(folder, name);
    const stats = await lstatIfThere(folder);
    if (stats?.isDirectory() === false) {
      throw new FetchError(
        `${label}: ${folder} is in the way and is no folder; move it away, or choose another folder`,
        { code: 'EXISTS' },
      );
    }
  }
  const stats = await lstatIfThere(path);
  if (stats !== undefined && (!overwrite || stats.isDirectory())) {
    throw existsError(path, label);
  }
  return stats === undefined;
}

async function placeFile(
  { from, to }: Placement,
  { overwrite, label }: PlaceOptions,
): Promise<void> {
  if (overwrite) {
    await rename(from, to);
    return;
  }
  try {
    // Unlike rename, link never replaces a file that someone made since it was checked.
    await link(from, to);
    await rm(from);
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      throw existsError(to, label);
    }
    // Some file systems (FAT, some network shares) have no hard links.
    if (!hasErrorCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP')) {
      throw error;
    }
    await rename(from, to);
  }
}

function existsError(path: string, label: string): FetchError {
  return new FetchError(
    `${label}: ${path} is there already; remove it, allow it to be overwritten, or choose another folder`,
    { code: 'EXISTS' },
  );
}

async function lstatIfThere(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}

/** So that the new names outlive a power cut. Windows cannot open folders, and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
