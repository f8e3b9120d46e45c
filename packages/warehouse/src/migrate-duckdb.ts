import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

import type { DuckDbWarehouse } from './duckdb-warehouse.ts';
import { WarehouseError } from './errors.ts';

/** Numbered SQL files of one owner: `0001-create-ops.sql` and so on, applied in that order. */
export interface MigrationSource {
  readonly owner: string;
  readonly folder: URL;
}

/** The migrations of schema `ops`: the ledger, conflicts, quarantine, drift. */
export const opsMigrations: MigrationSource = {
  owner: 'ops',
  folder: new URL('../sql/duckdb/', import.meta.url),
};

const fileNamePattern = /^(\d{4})-[a-z0-9-]+\.sql$/;
const appliedSchema = z.object({ owner: z.string(), version: z.int(), sha256: z.string() });

/**
 * Brings a warehouse to the newest schema its owners know, each file once, each owner's new files
 * in one transaction. Forward only; a warehouse that is ahead of this program is left as it is.
 *
 * @throws {WarehouseError} `INTERNAL` where a file that was applied has changed since.
 */
export async function migrateDuckDb(
  warehouse: DuckDbWarehouse,
  sources: readonly MigrationSource[],
): Promise<void> {
  await warehouse.run('create schema if not exists ops');
  await warehouse.run(
    `create table if not exists ops.migration (
       owner varchar not null,
       version integer not null,
       name varchar not null,
       sha256 varchar not null,
       applied_at timestamptz not null
     )`,
  );
  const applied = await warehouse.rows(
    appliedSchema,
    'select owner, version, sha256 from ops.migration',
  );
  for (const source of sources) {
    const known = new Map(
      applied.filter(({ owner }) => owner === source.owner).map((row) => [row.version, row.sha256]),
    );
    await applySource(warehouse, source, known);
  }
}

async function applySource(
  warehouse: DuckDbWarehouse,
  { owner, folder }: MigrationSource,
  known: ReadonlyMap<number, string>,
): Promise<void> {
  const pending: { version: number; name: string; sql: string; sha256: string }[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const version = Number(fileNamePattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(version)) {
      throw new TypeError(`${owner}: ${name} is no migration's name, such as 0001-create-ops.sql`);
    }
    const sql = await readFile(new URL(name, folder), 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const appliedSha256 = known.get(version);
    if (appliedSha256 === undefined) {
      pending.push({ version, name, sql, sha256 });
    } else if (appliedSha256 !== sha256) {
      throw new WarehouseError(
        'INTERNAL',
        `migrate ${warehouse.path}: ${owner} ${name} was applied with other content; ` +
          'a migration is never changed, write a new one',
      );
    }
  }
  if (pending.length === 0) {
    return;
  }
  await warehouse.transaction(async () => {
    for (const { version, name, sql, sha256 } of pending) {
      await warehouse.run(sql);
      await warehouse.run('insert into ops.migration values ($1, $2, $3, $4, now())', [
        owner,
        version,
        name,
        sha256,
      ]);
    }
  });
}
