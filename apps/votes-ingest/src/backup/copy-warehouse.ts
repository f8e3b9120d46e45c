import type { WarehouseContents, WarehouseStatus } from '@sluice/schemas';
import { DuckDbWarehouse, readStatusFile, WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import { openForReading, readContents } from '../warehouse/open-warehouse.ts';
import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import { copyFileHashed, hashFile } from './copy-file.ts';
import type { FileDigest } from './copy-file.ts';

/** A copy of a warehouse in one file. */
export interface WarehouseCopy extends FileDigest {
  readonly contents: WarehouseContents;
  /** What the status file beside the original says; absent where there is none. */
  readonly status: WarehouseStatus | undefined;
}

/**
 * Copies a warehouse to a new file while no process can write to it, and checks that the copy opens
 * and holds the same. What is still in its write-ahead log is in the copy itself. Leaves nothing
 * where it fails.
 *
 * @throws {WarehouseError} see {@link openForReading}; `DAMAGED` where the copy is not the same.
 */
export async function copyWarehouse(
  warehouse: WarehouseOptions,
  target: string,
  signal: AbortSignal,
): Promise<WarehouseCopy> {
  const walTarget = `${target}.wal`;
  try {
    const source = await openForReading(warehouse);
    let contents: WarehouseContents;
    let status: WarehouseStatus | undefined;
    let digest: FileDigest;
    try {
      contents = await readContents(source);
      status = await readStatusFile(warehouse.path);
      if (existsSync(`${warehouse.path}.wal`)) {
        await copyFileHashed(`${warehouse.path}.wal`, walTarget, signal);
      }
      // The lock of `source` ends with this call: a process loses its POSIX locks on a file when it
      // closes any descriptor of it. So this is the last that is read of the original.
      digest = await copyFileHashed(warehouse.path, target, signal);
    } finally {
      source.close();
    }
    if (existsSync(walTarget)) {
      const copy = await DuckDbWarehouse.open({ ...warehouse, path: target, access: 'write' });
      try {
        await copy.run('checkpoint');
      } finally {
        copy.close();
      }
      digest = await hashFile(target, signal);
    }
    await checkCopy({ ...warehouse, path: target }, contents);
    return { ...digest, contents, status };
  } catch (cause) {
    await rm(target, { force: true });
    await rm(walTarget, { force: true });
    throw cause;
  }
}

/**
 * Opens a copy and counts what it holds.
 *
 * @throws {WarehouseError} `DAMAGED` where it is not what is expected.
 */
export async function checkCopy(
  copy: WarehouseOptions,
  expected: WarehouseContents,
): Promise<void> {
  const opened = await DuckDbWarehouse.open({ ...copy, access: 'read' });
  try {
    const contents = await readContents(opened);
    if (!isDeepStrictEqual(contents, expected)) {
      throw new WarehouseError(
        'DAMAGED',
        `check copy ${copy.path}: it holds ${JSON.stringify(contents)} ` +
          `where ${JSON.stringify(expected)} is expected`,
      );
    }
  } finally {
    opened.close();
  }
}
