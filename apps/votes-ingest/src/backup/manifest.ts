import { CommandError } from '@sluice/command-line';
import { backupManifestSchema } from '@sluice/schemas';
import type { BackupManifest } from '@sluice/schemas';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The database's name in every backup. */
export const backupFile = 'warehouse.db';

const manifestFile = 'manifest.json';

/** Writes the manifest into a folder, flushed to the disk. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const checked = backupManifestSchema.parse(manifest);
  const file = await open(join(folder, manifestFile), 'wx', 0o644);
  try {
    await file.writeFile(`${JSON.stringify(checked, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws {CommandError} where the folder has no manifest that this version knows. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, manifestFile);
  try {
    return backupManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new CommandError(
      `restore ${folder}: ${
        isMissing
          ? `there is no ${path}; give a folder that votes-ingest backup made`
          : `${path} is no manifest that this version knows`
      }. Nothing was changed`,
      { cause },
    );
  }
}
