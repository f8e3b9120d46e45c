import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createDatabaseWhole } from '../src/create-database.ts';
import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-create-'));
  path = join(folder, 'warehouse.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function writeAndClose(): Promise<void> {
  const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
  await warehouse.run('create table if not exists kept as select 1 as one');
  warehouse.close();
}

describe('a database file that is made', () => {
  test('appears whole, and nothing else with it', async () => {
    await createDatabaseWhole(path);
    expect(await readdir(folder)).toEqual(['warehouse.db']);
    await writeAndClose();
    expect(await readdir(folder)).toEqual(['warehouse.db']);
  });

  test('takes nothing from one that exists', async () => {
    await writeAndClose();
    await createDatabaseWhole(path);
    const warehouse = await DuckDbWarehouse.open({ path, access: 'read', lockTimeoutMs: 0 });
    await warehouse.run('from kept');
    warehouse.close();
  });

  test('takes the place of a draft that the same process number has left', async () => {
    await writeFile(`${path}.${process.pid}.new`, 'half of a header');
    await createDatabaseWhole(path);
    expect(await readdir(folder)).toEqual(['warehouse.db']);
    await writeAndClose();
  });

  test('is refused where only the write-ahead log of an older one is left', async () => {
    await writeFile(`${path}.wal`, 'committed work');
    await expect(
      DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 }),
    ).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(await readdir(folder)).toEqual(['warehouse.db.wal']);
  });
});
