import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import { compareMigrations, migrateDuckDb, opsMigrations } from '../src/migrate-duckdb.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function prepare(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const sources = [{ owner: 'app', folder: pathToFileURL(`${await temporaryFolder()}/`) }];
  const write = async (name: string, sql: string): Promise<void> => {
    await writeFile(new URL(name, sources[0]?.folder), sql);
  };
  for (const [name, sql] of Object.entries(files)) {
    await write(name, sql);
  }
  const warehouse = await DuckDbWarehouse.open({
    path: join(folder, 'w.db'),
    access: 'write',
    lockTimeoutMs: 0,
  });
  onTestFinished(() => {
    warehouse.close();
  });
  return { warehouse, sources, write };
}

const tables = (warehouse: DuckDbWarehouse) =>
  warehouse.rows(
    z.object({ name: z.string() }),
    `select table_name as name from duckdb_tables() where schema_name = 'main' order by 1`,
  );

describe('migrateDuckDb', () => {
  test('applies each file once, in the order of the numbers, and the new ones later', async () => {
    const { warehouse, sources, write } = await prepare({
      '0002-add-b.sql': 'alter table a add column b integer',
      '0001-create-a.sql': 'create table a (a integer)',
    });
    await migrateDuckDb(warehouse, sources);
    await write('0003-create-c.sql', 'create table c (c integer); insert into c values (1)');
    expect(await compareMigrations(warehouse, sources)).toEqual([
      { owner: 'app', applied: 2, newest: 3, pending: ['0003-create-c.sql'], changed: [] },
    ]);
    await migrateDuckDb(warehouse, sources);
    await migrateDuckDb(warehouse, sources);
    expect(await tables(warehouse)).toEqual([{ name: 'a' }, { name: 'c' }]);
    expect(await warehouse.rows(z.object({ c: z.int() }), 'from c')).toEqual([{ c: 1 }]);
  });

  test('leaves nothing of a set of files one of which fails', async () => {
    const { warehouse, sources } = await prepare({
      '0001-create-a.sql': 'create table a (a integer)',
      '0002-fail.sql': 'create table a (a integer)',
    });
    await expect(migrateDuckDb(warehouse, sources)).rejects.toThrow('already exists');
    expect(await tables(warehouse)).toEqual([]);
  });

  test('refuses a file that was changed after it was applied', async () => {
    const { warehouse, sources, write } = await prepare({
      '0001-create-a.sql': 'create table a (a integer)',
    });
    await migrateDuckDb(warehouse, sources);
    await write('0001-create-a.sql', 'create table a (a bigint)');
    await expect(migrateDuckDb(warehouse, sources)).rejects.toThrow('applied with other content');
  });

  test('leaves a warehouse alone that is ahead of it', async () => {
    const { warehouse, sources } = await prepare({
      '0001-create-a.sql': 'create table a (a integer)',
    });
    await migrateDuckDb(warehouse, sources);
    await warehouse.run(`insert into ops.migration values ('app', 9, '0009-new.sql', 'x', now())`);
    await migrateDuckDb(warehouse, sources);
    expect(await compareMigrations(warehouse, sources)).toMatchObject([{ applied: 9, newest: 1 }]);
  });

  test('refuses a file that has no number', async () => {
    const { warehouse, sources } = await prepare({ 'create-a.sql': 'create table a (a integer)' });
    await expect(migrateDuckDb(warehouse, sources)).rejects.toThrow('no migration');
  });

  test('brings a warehouse of an older version up to date, and keeps what it has', async () => {
    const folder = pathToFileURL(`${await temporaryFolder()}/`);
    const older = ['0001-create-ops.sql', '0002-unload-and-replay.sql'];
    const { warehouse } = await prepare({});
    for (const name of older) {
      await copyFile(new URL(name, opsMigrations.folder), new URL(name, folder));
    }
    await migrateDuckDb(warehouse, [{ owner: 'ops', folder }]);
    await warehouse.run(`insert into ops.drift values (uuid(), 1, 'field', 'x', 5)`);
    const [state] = await compareMigrations(warehouse, [opsMigrations]);
    expect(state).toMatchObject({ applied: 2 });
    expect(state?.pending.slice(0, 2)).toEqual([
      '0003-check-results.sql',
      '0004-decide-quarantine.sql',
    ]);
    await migrateDuckDb(warehouse, [opsMigrations]);
    expect(
      await warehouse.rows(
        z.object({ drift: z.int(), results: z.int() }),
        `select (select count(*) from ops.drift) as drift,
                (select count(*) from ops.check_result) as results`,
      ),
    ).toEqual([{ drift: 1, results: 0 }]);
  });

  test('every table of schema ops says what its rows are', async () => {
    const { warehouse } = await prepare({});
    await migrateDuckDb(warehouse, [opsMigrations]);
    const silent = await warehouse.rows(
      z.object({ table_name: z.string() }),
      `select table_name from duckdb_tables()
        where schema_name = 'ops' and table_name <> 'migration' and comment is null`,
    );
    expect(silent).toEqual([]);
  });
});
