import {
  DuckDbWarehouse,
  migrateDuckDb,
  opsMigrations,
  readStatusFile,
  refuseLostTail,
  WarehouseError,
} from '@sluice/warehouse';
import type { OpenOptions, WarehouseContents } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { z } from 'zod';

const votesMigrations = {
  owner: 'votes-ingest',
  folder: new URL('../../migrations/', import.meta.url),
};

/** How a command of this app reaches its warehouse. */
export type WarehouseOptions = Omit<OpenOptions, 'access'>;

/**
 * Opens the warehouse of votes for writing, made or brought up to date where needed, and refuses
 * one that has lost committed work.
 *
 * @throws {WarehouseError} see {@link DuckDbWarehouse.open}; and `LOST_TAIL`.
 */
export async function openForWriting(options: WarehouseOptions): Promise<DuckDbWarehouse> {
  await refuseVanished(options.path);
  const warehouse = await DuckDbWarehouse.open({ ...options, access: 'write' });
  try {
    await migrateDuckDb(warehouse, [opsMigrations, votesMigrations]);
    await compareWithStatus(warehouse);
    return warehouse;
  } catch (cause) {
    warehouse.close();
    throw cause;
  }
}

/**
 * Opens the warehouse of votes for reading, and refuses one that has lost committed work.
 *
 * @throws {WarehouseError} see {@link DuckDbWarehouse.open}; and `LOST_TAIL`.
 */
export async function openForReading(options: WarehouseOptions): Promise<DuckDbWarehouse> {
  await refuseVanished(options.path);
  const warehouse = await DuckDbWarehouse.open({ ...options, access: 'read' });
  try {
    await refuseForeign(warehouse);
    await compareWithStatus(warehouse);
    return warehouse;
  } catch (cause) {
    warehouse.close();
    throw cause;
  }
}

const contentsSchema = z.object({
  rows: z.int(),
  unloadedRows: z.int(),
  runs: z.int(),
  files: z.int(),
  conflicts: z.int(),
});

/** What the warehouse holds, counted. */
export async function readContents(warehouse: DuckDbWarehouse): Promise<WarehouseContents> {
  return warehouse.row(
    contentsSchema,
    `select (select count(*) from blog_analysis.votes) as rows,
            (select coalesce(sum(unloaded_rows), 0)::bigint from ops.file) as unloadedRows,
            (select count(*) from ops.run) as runs,
            (select count(*) from ops.file) as files,
            (select count(*) from ops.conflict) as conflicts`,
  );
}

async function compareWithStatus(warehouse: DuckDbWarehouse): Promise<void> {
  const status = await readStatusFile(warehouse.path);
  if (status === undefined) {
    return;
  }
  const runs = await warehouse.rows(
    z.object({ run_id: z.string() }),
    'select run_id::varchar as run_id from ops.run',
  );
  refuseLostTail(
    warehouse.path,
    status,
    await readContents(warehouse),
    new Set(runs.map((run) => run.run_id)),
  );
}

/** A status file without its warehouse: the whole of it is lost, and an empty one must not hide it. */
async function refuseVanished(path: string): Promise<void> {
  if (existsSync(path)) {
    return;
  }
  const status = await readStatusFile(path);
  if (status !== undefined) {
    const nothing = { rows: 0, unloadedRows: 0, runs: 0, files: 0, conflicts: 0 };
    refuseLostTail(path, status, nothing, new Set());
  }
}

async function refuseForeign(warehouse: DuckDbWarehouse): Promise<void> {
  const { tables } = await warehouse.row(
    z.object({ tables: z.int() }),
    `select count(*) as tables from duckdb_tables()
      where (schema_name, table_name) in (('blog_analysis', 'votes'), ('ops', 'run'))`,
  );
  if (tables < 2) {
    throw new WarehouseError(
      'MISSING',
      `open warehouse ${warehouse.path}: no votes were ingested into it yet; ` +
        'start with: votes-ingest ingest <file>',
    );
  }
}
