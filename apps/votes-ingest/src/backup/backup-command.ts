import { CommandError, printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, voteContract } from '@sluice/schemas';
import type { BackupManifest, ExitCode } from '@sluice/schemas';
import { DuckDbWarehouse, syncFolder, WarehouseError, writeStatusFile } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { CommandContext } from '../command-context.ts';
import { checkStorage } from '../verify/warehouse-checks.ts';
import { appVersion } from '../version.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { copyWarehouse } from './copy-warehouse.ts';
import { backupFile, writeManifest } from './manifest.ts';
import { temporaryPathFor } from './temporary-path.ts';

/** The same for all backups in a folder, so that the next one removes what a dead one left. */
const unfinishedName = 'votes-ingest-backup';

/** The options of `backup`. */
export interface BackupCommandOptions {
  /** One folder that does not exist. */
  readonly args: readonly string[];
  readonly format: Format;
}

/**
 * `votes-ingest backup`: copies the warehouse into a new folder, with its status file and a manifest.
 * The folder appears when it is whole, under a name of its own until then.
 */
export async function backupCommand(
  context: CommandContext,
  { args, format }: BackupCommandOptions,
): Promise<ExitCode> {
  const folder = resolve(args[0] ?? '');
  refuseExisting(folder);
  let manifest: BackupManifest;
  try {
    await mkdir(dirname(folder), { recursive: true });
    const temporaryFolder = await temporaryPathFor(join(dirname(folder), unfinishedName));
    await mkdir(temporaryFolder);
    try {
      manifest = await fillBackup(context, temporaryFolder);
      refuseExisting(folder);
      await rename(temporaryFolder, folder);
      await syncFolder(dirname(folder));
    } catch (cause) {
      await rm(temporaryFolder, { recursive: true, force: true });
      throw cause;
    }
  } catch (cause) {
    throw describeFailure(context, folder, cause);
  }
  if (format === 'json') {
    printJson(context, manifest);
  } else {
    const { bytes, sha256, contents } = manifest;
    printTable(
      context,
      ['backup', 'rows', 'runs', 'bytes', 'sha256'],
      [[folder, contents.rows, contents.runs, bytes, sha256]],
    );
  }
  return exitCodes.done;
}

async function fillBackup(context: CommandContext, folder: string): Promise<BackupManifest> {
  const options = warehouseOptions(context);
  const path = join(folder, backupFile);
  const { status, ...copy } = await copyWarehouse(options, path, context.signal);
  const opened = await DuckDbWarehouse.open({ ...options, path, access: 'read' });
  try {
    // What is damaged in the original is found now, and not when the backup is needed.
    await opened.interruptible(context.signal, () => checkStorage(opened));
  } finally {
    opened.close();
  }
  if (status !== undefined) {
    const warehouse = { file: backupFile, sizeBytes: copy.bytes };
    await writeStatusFile(path, { ...status, warehouse });
  }
  const manifest: BackupManifest = {
    manifestVersion: 1,
    dataset: voteContract.dataset,
    createdAt: context.now().toISOString(),
    appVersion,
    contractVersion: voteContract.version,
    file: backupFile,
    ...copy,
  };
  await writeManifest(folder, manifest);
  await syncFolder(folder);
  return manifest;
}

function refuseExisting(folder: string): void {
  if (existsSync(folder)) {
    throw new CommandError(
      `backup to ${folder}: it exists, and a backup is never written into; nothing was changed. ` +
        'Give a new folder',
    );
  }
}

function describeFailure({ config, signal }: CommandContext, folder: string, cause: unknown) {
  if (signal.aborted || cause instanceof CommandError) {
    return cause;
  }
  if (cause instanceof WarehouseError && cause.code !== 'DAMAGED') {
    return cause;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(
    `backup ${config.warehouse} to ${folder}: ${reason}. No backup was made, and the warehouse ` +
      'is as it was',
    { cause },
  );
}
