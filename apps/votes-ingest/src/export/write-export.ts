import { CommandError } from '@sluice/command-line';
import { quoteLiteral, syncFolder, WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What to write, and where. */
export interface WriteOptions {
  readonly sql: string;
  readonly kind: 'parquet' | 'csv';
  /** An absolute path. */
  readonly path: string;
  /** Whether a file that is there is replaced. */
  readonly overwrite: boolean;
}

/** What was written. */
export interface Written {
  readonly rowCount: number;
  readonly sizeBytes: number;
}

const copyOptions = {
  parquet: 'format parquet, compression zstd',
  csv: 'format csv, header true',
} as const;

/**
 * Writes the rows of a query to a file: aside first, then flushed to the disk, then under its name.
 * Nobody ever sees half of it, and what was there stays until then.
 *
 * @throws {CommandError} where the folder may not be written, or someone made the file meanwhile.
 * @throws {WarehouseError} of what DuckDB reports.
 */
export async function writeExport(
  warehouse: DuckDbWarehouse,
  { sql, kind, path, overwrite }: WriteOptions,
): Promise<Written> {
  const temporaryPath = `${path}.${process.pid}.tmp`;
  try {
    const { Count } = await warehouse.row(
      z.object({ Count: z.int() }),
      `copy (${sql}) to ${quoteLiteral(temporaryPath)} (${copyOptions[kind]}, use_tmp_file false)`,
    );
    const sizeBytes = await flush(temporaryPath);
    await (overwrite ? rename(temporaryPath, path) : nameIfFree(temporaryPath, path));
    await syncFolder(dirname(path));
    return { rowCount: Count, sizeBytes };
  } catch (cause) {
    // The warehouse is open, so it is the target that is out of reach.
    if (
      cause instanceof WarehouseError &&
      (cause.code === 'READ_ONLY' || cause.code === 'MISSING')
    ) {
      throw new CommandError(`export to ${path}: its folder can not be written to`, { cause });
    }
    throw cause;
  } finally {
    await rm(temporaryPath, { force: true });
  }
}

async function flush(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** Unlike a rename, a link never replaces what someone else has put there meanwhile. */
async function nameIfFree(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') {
      throw existsError(to);
    }
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw cause;
    }
    // A file system without links, such as FAT: there the check at the beginning has to do.
    await rename(from, to);
  }
}

/** The error of a file that may not be replaced. */
export function existsError(path: string): CommandError {
  return new CommandError(`export to ${path}: it exists; --overwrite replaces it`);
}
