import { CommandError } from '@sluice/command-line';
import type { WarehouseContents, WarehouseStatus } from '@sluice/schemas';
import { exitCodes } from '@sluice/schemas';
import {
  describeLostTail,
  readStatusFile,
  statusFilePath,
  syncFolder,
  WarehouseError,
  writeStatusFile,
} from '@sluice/warehouse';
import { chmod, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import { copyWarehouse } from './copy-warehouse.ts';
import type { WarehouseCopy } from './copy-warehouse.ts';
import { temporaryPathFor } from './temporary-path.ts';

/** What readers may do with a published copy: nothing but read. */
const publishedMode = 0o444;

/** A copy that readers open instead of the live warehouse. */
export interface PublishedCopy {
  readonly path: string;
  readonly contents: WarehouseContents;
}

/**
 * Puts a read-only copy of a warehouse, with its status file, into a folder under the warehouse's
 * own name. Who reads the old copy keeps it, who opens it from then on has the new one, whole. The
 * warehouse must not be open in this process.
 *
 * @throws {WarehouseError} where the warehouse can not be read.
 * @throws {CommandError} where the folder can not take it; the copy in it is as it was.
 */
export async function publishCopy({
  warehouse,
  folder,
}: {
  readonly warehouse: WarehouseOptions;
  readonly folder: string;
}): Promise<PublishedCopy> {
  const path = join(folder, basename(warehouse.path));
  try {
    await mkdir(folder, { recursive: true });
    await refuseOwnFolder(warehouse, folder);
    const temporaryPath = await temporaryPathFor(path);
    const signal = warehouse.signal ?? new AbortController().signal;
    const copy = await copyWarehouse(warehouse, temporaryPath, signal);
    try {
      await chmod(temporaryPath, publishedMode);
      await replaceCopy(temporaryPath, path, copy);
    } catch (cause) {
      await rm(temporaryPath, { force: true });
      throw cause;
    }
    return { path, contents: copy.contents };
  } catch (cause) {
    if (cause instanceof WarehouseError || cause instanceof CommandError) {
      throw cause;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `publish ${warehouse.path} to ${folder}: ${reason}. The copy there is as it was, and so is ` +
        'the warehouse; the next ingest publishes again',
      { cause },
    );
  }
}

/** In its own folder the copy would replace the warehouse. */
async function refuseOwnFolder(warehouse: WarehouseOptions, folder: string): Promise<void> {
  if ((await realpath(dirname(warehouse.path))) === (await realpath(folder))) {
    throw new CommandError(
      `publish ${warehouse.path} to ${folder}: that is the folder of the warehouse itself; ` +
        'give another one',
      { exitCode: exitCodes.usage },
    );
  }
}

async function replaceCopy(
  temporaryPath: string,
  path: string,
  { bytes, contents, status }: WarehouseCopy,
): Promise<void> {
  if (await wouldReportLoss(path, contents)) {
    await rm(statusFilePath(path), { force: true });
  }
  // Whatever wrote a log beside a published copy, it does not belong to the next one.
  await rm(`${path}.wal`, { force: true });
  await rename(temporaryPath, path);
  if (status === undefined) {
    await rm(statusFilePath(path), { force: true });
  } else {
    const warehouse: WarehouseStatus['warehouse'] = { file: basename(path), sizeBytes: bytes };
    await writeStatusFile(path, { ...status, warehouse });
  }
  await syncFolder(dirname(path));
}

/** Whether the status of the old copy records more than the new one holds, or can not be read. */
async function wouldReportLoss(path: string, contents: WarehouseContents): Promise<boolean> {
  try {
    const status = await readStatusFile(path);
    const found = { contents, runIds: new Set<string>() };
    return status !== undefined && describeLostTail(path, status, found) !== undefined;
  } catch (cause) {
    if (cause instanceof WarehouseError && cause.code === 'DAMAGED') {
      return true;
    }
    throw cause;
  }
}
