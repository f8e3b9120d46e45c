import type { WarehouseStatus } from '@sluice/schemas';
import {
  DuckDbWarehouse,
  statusFilePath,
  syncFolder,
  WarehouseError,
  writeStatusFile,
} from '@sluice/warehouse';
import type { WarehouseErrorCode } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { copyFile, link, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';

/** A new database for the place of a warehouse. */
export interface Swap {
  /** The warehouse that stands there, or may do so. */
  readonly warehouse: WarehouseOptions;
  /** The new database: one file in the same folder, flushed to the disk. */
  readonly preparedPath: string;
  /** What its status file is to say. */
  readonly status: WarehouseStatus;
  /** Where the old database is kept; its log and its status lie beside it as beside any other. */
  readonly keptPath: string;
  /** Called before each step, with its name. */
  readonly onStep?: ((step: string) => void) | undefined;
}

/** An old database that DuckDB can not open is held by nobody, and is replaced all the same. */
const unusableCodes: readonly WarehouseErrorCode[] = [
  'DAMAGED',
  'NEWER_STORAGE',
  'NOT_A_WAREHOUSE',
  'INTERNAL',
];

/**
 * Puts a new database in the place of a warehouse, and keeps the old one's files beside it; gives
 * the paths of those. Killed at any step, it leaves the old warehouse or the new one; where the old
 * one was missing or unusable, an error may remain that asks for a backup, and never a database with
 * the log or the status of another.
 *
 * @throws {WarehouseError} `LOCKED` where any process has the old one open; then nothing was changed.
 */
export async function swapWarehouse(swap: Swap): Promise<string[]> {
  const { path } = swap.warehouse;
  const old = existsSync(path) ? await holdUsable(swap.warehouse) : undefined;
  try {
    const kept = old === undefined ? await replaceUnusable(swap) : await replaceUsable(swap);
    await syncFolder(dirname(path));
    return kept;
  } finally {
    old?.close();
  }
}

/**
 * The old database, shut to all other processes, with its log folded in: alone, it is all of the
 * warehouse. `undefined` where it can not be opened for what it is.
 */
async function holdUsable(options: WarehouseOptions): Promise<DuckDbWarehouse | undefined> {
  let old: DuckDbWarehouse;
  try {
    old = await DuckDbWarehouse.open({ ...options, access: 'write' });
  } catch (cause) {
    if (cause instanceof WarehouseError && unusableCodes.includes(cause.code)) {
      return undefined;
    }
    throw cause;
  }
  try {
    await old.run('checkpoint');
    if (existsSync(`${options.path}.wal`)) {
      throw new WarehouseError(
        'INTERNAL',
        `replace ${options.path}: its write-ahead log stays after a checkpoint`,
      );
    }
    return old;
  } catch (cause) {
    old.close();
    throw cause;
  }
}

/**
 * The rename in the middle is the moment. Without its status file either database is whole: the
 * next run writes it again, while with the other's it would seem to have lost work.
 */
async function replaceUsable({ warehouse, preparedPath, keptPath, onStep }: Swap) {
  const { path } = warehouse;
  const hasStatus = existsSync(statusFilePath(path));
  await takeSteps(onStep, [
    ['keep the old database', () => link(path, keptPath)],
    [
      'take the old status away',
      async () => {
        if (hasStatus) {
          await rename(statusFilePath(path), statusFilePath(keptPath));
          await syncFolder(dirname(path));
        }
      },
    ],
    ['put the new database in its place', () => rename(preparedPath, path)],
  ]);
  return hasStatus ? [keptPath, statusFilePath(keptPath)] : [keptPath];
}

/**
 * Here the new status comes first where there was a warehouse: with no database beside it, it says
 * that one is to be restored, so that nobody begins an empty one meanwhile.
 */
async function replaceUnusable({ warehouse, preparedPath, status, keptPath, onStep }: Swap) {
  const { path } = warehouse;
  const statusPath = statusFilePath(path);
  const [hasStatus, hasDatabase] = [existsSync(statusPath), existsSync(path)];
  const moves = [
    ['keep the database', path, keptPath],
    ['keep the log', `${path}.wal`, `${keptPath}.wal`],
  ] as const;
  const found = moves.filter(([, from]) => existsSync(from));
  await takeSteps(onStep, [
    [
      'write the new status',
      async () => {
        if (hasStatus) {
          await copyFile(statusPath, statusFilePath(keptPath));
        }
        if (hasStatus || hasDatabase) {
          await writeStatusFile(path, status);
        }
      },
    ],
    ...found.map(([step, from, to]) => [step, () => rename(from, to)] as const),
    ['put the new database in its place', () => placeNew(preparedPath, path)],
  ]);
  return [...found.map(([, , to]) => to), ...(hasStatus ? [statusFilePath(keptPath)] : [])];
}

/** Unlike a rename, a link replaces nothing that has come into being meanwhile. */
async function placeNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw cause;
    }
    // Not every file system has links.
    await rename(from, to);
  }
}

async function takeSteps(
  onStep: Swap['onStep'],
  steps: readonly (readonly [name: string, take: () => Promise<void>])[],
): Promise<void> {
  for (const [name, take] of steps) {
    onStep?.(name);
    await take();
  }
  onStep?.('end');
}
