import { warehouseContentsSchema } from '@sluice/schemas';
import type { WarehouseContents } from '@sluice/schemas';
import {
  describeLostTail,
  DuckDbWarehouse,
  migrateDuckDb,
  opsMigrations,
  readStatusFile,
  WarehouseError,
} from '@sluice/warehouse';
import type { OpenOptions } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { z } from 'zod';

import { createOutlierWeeksOnce } from '../outliers/outlier-weeks.ts';

/** The schemas of a warehouse of votes, in the order in which they are made. */
export const warehouseMigrations = [
  opsMigrations,
  { owner: 'votes-ingest', folder: new URL('../../migrations/', import.meta.url) },
] as const;

/** How a command of this app reaches its warehouse. */
export type WarehouseOptions = Omit<OpenOptions, 'access'>;

/**
 * Opens the warehouse of votes for writing, brought up to date where needed, and refuses one that
 * has lost committed work. Makes it where it is missing, unless `mustExist`.
 *
 * @throws {WarehouseError} see {@link DuckDbWarehouse.open}; and `LOST_TAIL`.
 */
export async function openForWriting(
  options: WarehouseOptions,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<DuckDbWarehouse> {
  await refuseVanished(options.path);
  await refuseCut(options.path);
  if (mustExist && !existsSync(options.path)) {
    throw new WarehouseError('MISSING', `open warehouse ${options.path}: there is no such file`);
  }
  const warehouse = await DuckDbWarehouse.open({ ...options, access: 'write' });
  try {
    await migrateDuckDb(warehouse, warehouseMigrations);
    await refuseLostTail(warehouse);
    // Readers of a published copy can not make it themselves.
    await createOutlierWeeksOnce(warehouse);
    return warehouse;
  } catch (cause) {
    warehouse.close();
    throw cause;
  }
}

/**
 * Opens the warehouse of votes for reading, and refuses one that has lost committed work, unless
 * `acceptsLostTail`: then it may even lack its tables.
 *
 * @throws {WarehouseError} see {@link DuckDbWarehouse.open}; and `LOST_TAIL`.
 */
export async function openForReading(
  options: WarehouseOptions,
  { acceptsLostTail = false }: { readonly acceptsLostTail?: boolean } = {},
): Promise<DuckDbWarehouse> {
  if (!acceptsLostTail) {
    await refuseVanished(options.path);
    await refuseCut(options.path);
  }
  const warehouse = await DuckDbWarehouse.open({ ...options, access: 'read' });
  try {
    if (!acceptsLostTail) {
      await refuseLostTail(warehouse);
    }
    if (!(await hasVotes(warehouse)) && (await findLostTail(warehouse)) === undefined) {
      throw new WarehouseError(
        'MISSING',
        `open warehouse ${warehouse.path}: no votes were ingested into it yet; ` +
          'start with: votes-ingest ingest <file>',
      );
    }
    return warehouse;
  } catch (cause) {
    warehouse.close();
    throw cause;
  }
}

/** Whether this is a warehouse of votes, and no other DuckDB file, or an empty one. */
export async function hasVotes(warehouse: DuckDbWarehouse): Promise<boolean> {
  const { tables } = await warehouse.row(
    z.object({ tables: z.int() }),
    `select count(*) as tables from duckdb_tables()
      where (schema_name, table_name) in (('blog_analysis', 'votes'), ('ops', 'run'))`,
  );
  return tables === 2;
}

/** What the warehouse holds, counted. */
export async function readContents(warehouse: DuckDbWarehouse): Promise<WarehouseContents> {
  return warehouse.row(
    warehouseContentsSchema,
    `select (select count(*) from blog_analysis.votes) as rows,
            (select coalesce(sum(unloaded_rows), 0)::bigint from ops.file) as unloadedRows,
            (select count(*) from ops.run) as runs,
            (select count(*) from ops.file) as files,
            (select count(*) from ops.conflict) as conflicts`,
  );
}

/**
 * What an open warehouse lacks of what its status file records; `undefined` where it lacks nothing,
 * or has no status file.
 *
 * @throws {WarehouseError} `DAMAGED` where the status file can not be read.
 */
export async function findLostTail(warehouse: DuckDbWarehouse): Promise<string | undefined> {
  const status = await readStatusFile(warehouse.path);
  if (status === undefined) {
    return undefined;
  }
  if (!(await hasVotes(warehouse))) {
    return describeLostTail(warehouse.path, status, nothingFound);
  }
  const runs = await warehouse.rows(
    z.object({ run_id: z.string() }),
    'select run_id::varchar as run_id from ops.run',
  );
  return describeLostTail(warehouse.path, status, {
    contents: await readContents(warehouse),
    runIds: new Set(runs.map((run) => run.run_id)),
  });
}

/**
 * The same for a warehouse whose file is not there at all: an empty one must not hide that the
 * whole of it is lost.
 */
export async function findVanished(path: string): Promise<string | undefined> {
  const status = existsSync(path) ? undefined : await readStatusFile(path);
  return status && describeLostTail(path, status, nothingFound);
}

const nothingFound = {
  contents: { rows: 0, unloadedRows: 0, runs: 0, files: 0, conflicts: 0 },
  runIds: new Set<string>(),
};

/** @throws {WarehouseError} `LOST_TAIL` where an open warehouse lacks what its status file records. */
export async function refuseLostTail(warehouse: DuckDbWarehouse): Promise<void> {
  const lostTail = await findLostTail(warehouse);
  if (lostTail !== undefined) {
    throw new WarehouseError('LOST_TAIL', `open warehouse ${warehouse.path}: ${lostTail}`);
  }
}

/** @throws {WarehouseError} `LOST_TAIL` where there is a status file without its warehouse. */
export async function refuseVanished(path: string): Promise<void> {
  const vanished = await findVanished(path);
  if (vanished !== undefined) {
    throw new WarehouseError('LOST_TAIL', `open warehouse ${path}: ${vanished}`);
  }
}

/** A database file is its headers, and then whole blocks. */
const headerBytes = 3 * 4096;
const blockBytes = 2 ** 18;

/**
 * DuckDB notices that the end of its file is gone when it reads there, which may be never. With a log
 * the file may still be growing.
 *
 * @throws {WarehouseError} `DAMAGED` where the file is shorter than its status file says, and ends in
 * the middle of a block.
 */
async function refuseCut(path: string): Promise<void> {
  const status =
    existsSync(path) && !existsSync(`${path}.wal`) ? await readStatusFile(path) : undefined;
  if (status === undefined) {
    return;
  }
  const { size } = await stat(path);
  const { sizeBytes } = status.warehouse;
  if (size < sizeBytes && (size - headerBytes) % blockBytes !== 0) {
    throw new WarehouseError(
      'DAMAGED',
      `open warehouse ${path}: the file is cut: it has ${size} bytes, and ends within a block; after the ` +
        `last run it had ${sizeBytes}; restore a backup, or rebuild it from the files that were ingested`,
    );
  }
}
