import { CommandError } from '@sluice/command-line';
import type { BackupManifest, WarehouseStatus } from '@sluice/schemas';
import { DuckDbWarehouse, WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import { boundStatus } from '../warehouse/bound-status.ts';
import { collectStatus } from '../warehouse/status.ts';
import { copyFileHashed } from './copy-file.ts';
import { checkCopy } from './copy-warehouse.ts';
import { backupFile, readManifest } from './manifest.ts';
import { swapWarehouse } from './swap-warehouse.ts';
import type { Swap } from './swap-warehouse.ts';
import { temporaryPathFor } from './temporary-path.ts';

/** What to restore, and where to. */
export interface RestoreOptions {
  /** What `backup` made. */
  readonly folder: string;
  readonly warehouse: WarehouseOptions;
  /** Whether a warehouse that exists is replaced, and kept beside the new one. */
  readonly isReplacing: boolean;
  /** Stops the copy; once the swap has begun it is ended. */
  readonly signal: AbortSignal;
  readonly now: Date;
  /** Called before each step of the swap, with its name. */
  readonly onStep?: (step: string) => void;
}

/** A backup that was put in the place of a warehouse. */
export interface RestoredBackup {
  readonly manifest: BackupManifest;
  /** Where the files were kept that stood there before. */
  readonly replaced: readonly string[];
}

/**
 * Puts a backup in the place of a warehouse, after its bytes and contents were checked against its
 * manifest. The backup stays as it is.
 *
 * @throws {CommandError} where the backup is not what its manifest says, or a warehouse exists that
 * is not to be replaced; nothing was changed.
 * @throws {WarehouseError} `LOCKED` where a process has the warehouse open; nothing was changed.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredBackup> {
  const { folder, warehouse, now } = options;
  const { path } = warehouse;
  const manifest = await readManifest(folder);
  refuseExisting(options);
  await mkdir(dirname(path), { recursive: true });
  const preparedPath = await temporaryPathFor(path);
  try {
    await copyBackup(options, preparedPath, manifest);
    const status = await readStatus({ ...warehouse, path: preparedPath }, path, now);
    refuseExisting(options);
    const stamp = now.toISOString().replaceAll(/[-:.]/g, '');
    const swap = { ...options, preparedPath, status, keptPath: `${path}.replaced-${stamp}` };
    return { manifest, replaced: await swapOrSayWhere(swap, folder) };
  } finally {
    await rm(preparedPath, { force: true });
  }
}

async function swapOrSayWhere(swap: Swap, folder: string): Promise<string[]> {
  try {
    return await swapWarehouse(swap);
  } catch (cause) {
    if (cause instanceof WarehouseError) {
      throw cause;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `restore ${folder}: ${reason}. What stood at ${swap.warehouse.path} is there, or was kept as ` +
        `${swap.keptPath}; votes-ingest verify tells`,
      { cause },
    );
  }
}

function refuseExisting({ folder, warehouse: { path }, isReplacing }: RestoreOptions): void {
  if (!isReplacing && existsSync(path)) {
    throw new CommandError(
      `restore ${folder}: ${path} exists; nothing was changed. ` +
        'With --replace the backup takes its place, and it is kept beside',
    );
  }
}

async function copyBackup(
  { folder, warehouse, signal }: RestoreOptions,
  preparedPath: string,
  manifest: BackupManifest,
): Promise<void> {
  const file = join(folder, backupFile);
  try {
    const { bytes, sha256 } = await copyFileHashed(file, preparedPath, signal);
    if (bytes !== manifest.bytes || sha256 !== manifest.sha256) {
      throw new WarehouseError(
        'DAMAGED',
        `${file} has ${bytes} bytes and SHA-256 ${sha256}, ` +
          `its manifest says ${manifest.bytes} and ${manifest.sha256}`,
      );
    }
    await checkCopy({ ...warehouse, path: preparedPath }, manifest.contents);
  } catch (cause) {
    if (signal.aborted) {
      throw cause;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `restore ${folder}: ${reason}. Nothing was changed; try another backup`,
      { cause },
    );
  }
}

/** What the status file of the restored warehouse is to say. */
async function readStatus(
  prepared: WarehouseOptions,
  path: string,
  now: Date,
): Promise<WarehouseStatus> {
  const opened = await DuckDbWarehouse.open({ ...prepared, access: 'read' });
  try {
    const status = await collectStatus(opened, now);
    return boundStatus({ ...status, warehouse: { ...status.warehouse, file: basename(path) } });
  } finally {
    opened.close();
  }
}
