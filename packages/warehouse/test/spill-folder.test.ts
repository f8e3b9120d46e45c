import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import { spillFolderOf } from '../src/spill-folder.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-spill-'));
  path = join(folder, 'warehouse.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function leaveSpill(spillPath: string): Promise<string> {
  await mkdir(spillPath, { recursive: true });
  await writeFile(join(spillPath, 'duckdb_temp_storage_DEFAULT-0.tmp'), 'x');
  return basename(spillPath);
}

async function openAndClose(): Promise<void> {
  (await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 })).close();
}

describe('the folder that a process spills into', () => {
  test('lies beside the warehouse, or where it is told', () => {
    expect(spillFolderOf('/data/warehouse.db').path).toMatch(
      /^\/data\/warehouse\.db\.[\w-]+\.tmp$/,
    );
    expect(spillFolderOf('/data/w.db', '/spill').path).toMatch(/^\/spill\/w\.db\.[\w-]+\.tmp$/);
  });

  test('is shared with no other process, of the same warehouse or of one with the same name', () => {
    const paths = ['/a/w.db', '/a/w.db', '/b/w.db'].map(
      (name) => spillFolderOf(name, '/spill').path,
    );
    expect(new Set(paths).size).toBe(3);
  });

  test('is removed with what it holds by the next writer, when a killed process has left it', async () => {
    await leaveSpill(spillFolderOf(path).path);
    await leaveSpill(spillFolderOf(path).path);
    await openAndClose();
    expect(await readdir(folder)).toEqual(['warehouse.db']);
  });

  test('is left alone where it belongs to another warehouse, or to nobody we know', async () => {
    const others = [
      await leaveSpill(spillFolderOf('/elsewhere/warehouse.db', folder).path),
      await leaveSpill(spillFolderOf(join(folder, 'other.db')).path),
      await leaveSpill(join(folder, 'warehouse.db.tmp')),
    ];
    await openAndClose();
    expect(new Set(await readdir(folder))).toEqual(new Set(['warehouse.db', ...others]));
  });

  test('is left alone by a reader', async () => {
    await openAndClose();
    const left = await leaveSpill(spillFolderOf(path).path);
    (await DuckDbWarehouse.open({ path, access: 'read', lockTimeoutMs: 0 })).close();
    expect(await readdir(folder)).toContain(left);
  });

  test('is gone once a process that has spilled is done', async () => {
    const options = { path, access: 'write', lockTimeoutMs: 0, memoryLimit: '40MB' } as const;
    const warehouse = await DuckDbWarehouse.open({ ...options, threads: 1 });
    await warehouse.run(
      'create temp table big as select range as n, md5(range::varchar) as text from range(1000000)',
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    warehouse.close();
    expect(await readdir(folder)).toEqual(['warehouse.db']);
  });
});
