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
  const applied = await readApplied(warehouse);
  for (const source of sources) {
    await applySource(warehouse, source, applied.get(source.owner) ?? new Map<number, string>());
  }
}

/** How far a warehouse's schema has come, for one owner. */
export interface SchemaState {
  readonly owner: string;
  /** The highest version that was applied; 0 where none was. */
  readonly applied: number;
  /** The highest version that this program knows. */
  readonly newest: number;
  /** What this program knows and the warehouse lacks, by name. */
  readonly pending: readonly string[];
  /** What was applied with other content than this program knows, by name. */
  readonly changed: readonly string[];
}

/** Compares a migrated warehouse with what its owners know, and changes nothing. */
export async function compareMigrations(
  warehouse: DuckDbWarehouse,
  sources: readonly MigrationSource[],
): Promise<SchemaState[]> {
  const applied = await readApplied(warehouse);
  return Promise.all(
    sources.map(async ({ owner, folder }) => {
      const known = applied.get(owner) ?? new Map<number, string>();
      const migrations = await readMigrations(owner, folder);
      const names = (isOf: (appliedSha256: string | undefined, sha256: string) => boolean) =>
        migrations
          .filter(({ version, sha256 }) => isOf(known.get(version), sha256))
          .map(({ name }) => name);
      return {
        owner,
        applied: Math.max(0, ...known.keys()),
        newest: migrations.at(-1)?.version ?? 0,
        pending: names((appliedSha256) => appliedSha256 === undefined),
        changed: names((appliedSha256, sha256) => ![undefined, sha256].includes(appliedSha256)),
      };
    }),
  );
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** What was applied: of each owner the hash of each version. */
async function readApplied(warehouse: DuckDbWarehouse): Promise<Map<string, Map<number, string>>> {
  const rows = await warehouse.rows(
    appliedSchema,
    'select owner, version, sha256 from ops.migration',
  );
  const applied = new Map<string, Map<number, string>>();
  for (const { owner, version, sha256 } of rows) {
    applied.set(owner, (applied.get(owner) ?? new Map<number, string>()).set(version, sha256));
  }
  return applied;
}

/** The migrations of one owner, in their order. */
async function readMigrations(owner: string, folder: URL): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const version = Number(fileNamePattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(version)) {
      throw new TypeError(`${owner}: ${name} is no migration's name, such as 0001-create-ops.sql`);
    }
    const sql = await readFile(new URL(name, folder), 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    migrations.push({ version, name, sql, sha256 });
  }
  return migrations;
}

async function applySource(
  warehouse: DuckDbWarehouse,
  { owner, folder }: MigrationSource,
  known: ReadonlyMap<number, string>,
): Promise<void> {
  const migrations = await readMigrations(owner, folder);
  for (const { version, name, sha256 } of migrations) {
    const appliedSha256 = known.get(version);
    if (appliedSha256 !== undefined && appliedSha256 !== sha256) {
      throw new WarehouseError(
        'INTERNAL',
        `migrate ${warehouse.path}: ${owner} ${name} was applied with other content; ` +
          'a migration is never changed, write a new one',
      );
    }
  }
  const pending = migrations.filter(({ version }) => !known.has(version));
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
