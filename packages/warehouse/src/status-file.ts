import type { WarehouseContents, WarehouseStatus } from '@sluice/schemas';
import { warehouseStatusSchema } from '@sluice/schemas';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { prepareDraft } from './draft-file.ts';
import { WarehouseError } from './errors.ts';

/** Where the status of a warehouse lies: beside it. */
export function statusFilePath(warehousePath: string): string {
  return `${warehousePath}.status.json`;
}

/**
 * The status file of a warehouse, or `undefined` where there is none.
 *
 * @throws {WarehouseError} `DAMAGED` where it is no status file, or of a version not known here.
 */
export async function readStatusFile(warehousePath: string): Promise<WarehouseStatus | undefined> {
  const path = statusFilePath(warehousePath);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      return undefined;
    }
    throw new WarehouseError('DAMAGED', `read status file ${path}: ${String(cause)}`, { cause });
  }
  try {
    return warehouseStatusSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new WarehouseError(
      'DAMAGED',
      `read status file ${path}: it is no status of a warehouse that this version knows; ` +
        'delete it to have it rebuilt from the ledger',
      { cause },
    );
  }
}

/**
 * Replaces the status file: written aside, flushed to the disk, renamed. A reader sees the old one
 * or the new one, whole, also after a power cut.
 */
export async function writeStatusFile(
  warehousePath: string,
  status: WarehouseStatus,
): Promise<void> {
  const path = statusFilePath(warehousePath);
  const checked = warehouseStatusSchema.parse(status);
  let temporaryPath: string | undefined;
  try {
    temporaryPath = await prepareDraft(path, 'tmp');
    const file = await open(temporaryPath, 'w', 0o644);
    try {
      await file.writeFile(`${JSON.stringify(checked, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (temporaryPath !== undefined) {
      await rm(temporaryPath, { force: true });
    }
    const isFull =
      cause instanceof Error &&
      'code' in cause &&
      (cause.code === 'ENOSPC' || cause.code === 'EDQUOT' || cause.code === 'EFBIG');
    throw new WarehouseError(
      isFull ? 'DISK_FULL' : 'INTERNAL',
      `write status file ${path}: ${cause instanceof Error ? cause.message : String(cause)}; ` +
        'the warehouse itself is committed, and the next run writes it again',
      { cause },
    );
  }
}

/** Makes a rename in this folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a status file is compared with. */
export interface FoundContents {
  readonly contents: WarehouseContents;
  /** Of all runs in the ledger. */
  readonly runIds: ReadonlySet<string>;
}

/**
 * Says what a warehouse lacks of what its status file records, and how to get it back; `undefined`
 * where it lacks nothing. A write-ahead log that was cut or lost opens without an error, with fewer
 * rows.
 */
export function describeLostTail(
  warehousePath: string,
  status: WarehouseStatus,
  { contents: found, runIds }: FoundContents,
): string | undefined {
  const { contents } = status;
  const missingRows = contents.rows + contents.unloadedRows - found.rows - found.unloadedRows;
  const missing = [
    [missingRows, 'rows'],
    [contents.runs - found.runs, 'runs'],
    [contents.files - found.files, 'file entries'],
  ] as const;
  const lost = missing.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (lost.length === 0) {
    return undefined;
  }
  const lostFiles = status.runs
    .filter((run) => !runIds.has(run.runId))
    .flatMap((run) => run.files)
    .filter((file) => file.outcome === 'ingested')
    .map((file) => `${file.path} (sha256 ${String(file.sha256)})`);
  return (
    `it has lost committed work. Its status file of ` +
    `${status.writtenAt} records ${contents.rows} rows, ${contents.runs} runs and ` +
    `${contents.files} file entries; ${lost.join(', ')} are missing. ` +
    'Restore a backup; or accept the loss by deleting ' +
    `${statusFilePath(warehousePath)}, and ingest the files again` +
    (lostFiles.length === 0 ? '' : `, at least: ${lostFiles.join(', ')}`)
  );
}
