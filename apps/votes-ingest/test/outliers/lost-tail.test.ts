import { statusFilePath } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { copyFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { outliersCommand } from '../../src/outliers/outliers-command.ts';
import { warehouseOptions } from '../../src/warehouse/warehouse-options.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const table = { format: 'table' } as const;

test('outliers refuses a warehouse that lacks what its status file records', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', voteLines(1, 5));
    const older = join(folder, 'older.db');
    await copyFile(loaded.path, older);
    await loaded.load('b.jsonl', voteLines(6, 9));
    await copyFile(older, loaded.path);
    const context = fakeContext(loaded.path);
    await expect(outliersCommand(context, table)).rejects.toMatchObject({ code: 'LOST_TAIL' });
    await rm(loaded.path);
    await expect(outliersCommand(context, table)).rejects.toMatchObject({ code: 'LOST_TAIL' });
    expect(existsSync(loaded.path)).toBe(false);
  });
});

test('a warehouse has one name, also behind a link', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', voteLines(1, 5));
    const link = join(folder, 'link.db');
    await symlink(loaded.path, link);
    const context = fakeContext(link);
    expect(statusFilePath(warehouseOptions(context).path)).toBe(statusFilePath(loaded.path));
  });
});
