import { DuckDBInstance } from '@duckdb/node-api';
import { existsSync } from 'node:fs';
import { link, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { prepareDraft } from './draft-file.ts';
import { WarehouseError } from './errors.ts';

/** The three headers, which is all that a new database has. */
const newDatabaseBytes = 12_288;

/**
 * Makes an empty database file where there is none. DuckDB writes the file's headers one after the
 * other, and refuses for ever a file that lacks one of them, as a killed process or a full disk
 * leaves it. So the file is made beside, and gets its name when it is whole; of several processes
 * that do so at once, one gives it the name.
 *
 * @throws {WarehouseError} `DAMAGED` where the file of an older database is lost, `MISSING` where its
 * folder does not exist.
 */
export async function createDatabaseWhole(path: string): Promise<void> {
  if (existsSync(path) && (await stat(path)).size > newDatabaseBytes) {
    return;
  }
  if (!existsSync(dirname(path))) {
    throw new WarehouseError(
      'MISSING',
      `open warehouse ${path}: there is no folder ${dirname(path)}; make it, or name another file`,
    );
  }
  // A process that died on the way has left its draft, at the latest while the file is still new.
  const draft = await prepareDraft(path, 'new');
  if (existsSync(path)) {
    return;
  }
  if (existsSync(`${path}.wal`)) {
    // DuckDB would delete it without a word.
    throw new WarehouseError(
      'DAMAGED',
      `open warehouse ${path}: the file is gone, but its write-ahead log is there, with work that ` +
        `was committed. Put the file back or restore a backup; or accept the loss by deleting ` +
        `${path}.wal, and ingest the files again`,
    );
  }
  try {
    const instance = await DuckDBInstance.create(resolve(draft));
    instance.closeSync();
    await link(draft, path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // Another process was first; or the file system has no links, and DuckDB makes the file itself.
    if (!['EEXIST', 'EPERM', 'ENOTSUP', 'ENOSYS'].includes(String(code))) {
      throw cause;
    }
  } finally {
    await rm(draft, { force: true });
  }
}
