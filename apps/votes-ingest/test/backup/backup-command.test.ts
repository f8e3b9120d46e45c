import { backupManifestSchema, exitCodes } from '@sluice/schemas';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { backupCommand } from '../../src/backup/backup-command.ts';
import { verifyWarehouse } from '../../src/verify/verify.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

async function withLoaded(
  use: (loaded: LoadedWarehouse, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (root) => {
    await mkdir(join(root, 'live'));
    const loaded = new LoadedWarehouse(join(root, 'live'));
    await loaded.load('a.jsonl', [...voteLines(1, 5), 'bad']);
    await use(loaded, join(root, 'backups', 'monday'));
  });
}

async function backup(loaded: LoadedWarehouse, folder: string, signal?: AbortSignal) {
  const context = fakeContext(loaded.path, signal === undefined ? {} : { signal });
  expect(await backupCommand(context, { args: [folder], format: 'json' })).toBe(exitCodes.done);
  return backupManifestSchema.parse(JSON.parse(context.printed()));
}

test('a backup is a folder with the database, its status and a manifest that holds', async () => {
  await withLoaded(async (loaded, folder) => {
    const manifest = await backup(loaded, folder);

    expect((await readdir(folder)).sort()).toEqual([
      'manifest.json',
      'warehouse.db',
      'warehouse.db.status.json',
    ]);
    const database = await readFile(join(folder, 'warehouse.db'));
    expect(manifest).toMatchObject({
      createdAt: '2026-01-02T03:04:05.678Z',
      bytes: database.length,
      sha256: createHash('sha256').update(database).digest('hex'),
      contents: { rows: 5, unloadedRows: 0, runs: 1, files: 1, conflicts: 0 },
    });
    expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).toEqual(manifest);
    const copy = new LoadedWarehouse(folder);
    expect(await copy.votes()).toEqual(await loaded.votes());
    expect(
      await verifyWarehouse({
        warehouse: { path: copy.path, lockTimeoutMs: 0 },
        signal: new AbortController().signal,
        now: new Date(),
      }),
    ).toMatchObject({ outcome: 'passed' });
  });
});

test('the table shows the folder and the hash', async () => {
  await withLoaded(async (loaded, folder) => {
    const context = fakeContext(loaded.path);

    await backupCommand(context, { args: [folder], format: 'table' });

    expect(context.printed()).toContain(folder);
    expect(context.printed()).toMatch(/[0-9a-f]{64}/);
  });
});

test('what is still in the write-ahead log is in the backup', async () => {
  await withLoaded(async (loaded, folder) => {
    await loaded.run(
      'pragma disable_checkpoint_on_shutdown',
      'insert into blog_analysis.votes select * replace (Id + 100 as Id) from blog_analysis.votes',
    );

    const manifest = await backup(loaded, folder);

    expect(manifest.contents.rows).toBe(10);
    const database = await readFile(join(folder, 'warehouse.db'));
    expect(manifest.sha256).toBe(createHash('sha256').update(database).digest('hex'));
    expect(await readdir(folder)).not.toContain('warehouse.db.wal');
  });
});

test('a folder that exists is never written into, empty or not', async () => {
  await withLoaded(async (loaded, folder) => {
    await mkdir(folder, { recursive: true });

    await expect(backup(loaded, folder)).rejects.toMatchObject({ exitCode: exitCodes.failed });
    await expect(backup(loaded, folder)).rejects.toThrow(/it exists.*nothing was changed/);
    expect(await readdir(folder)).toEqual([]);
  });
});

test.each([
  ['that has lost committed work', (path: string) => rm(path), { code: 'LOST_TAIL' }],
  [
    'with a flipped bit',
    async (path: string) => {
      const bytes = await readFile(path);
      // In the first block behind the headers.
      bytes[12_288 + 1_000] = (bytes[12_288 + 1_000] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
    { exitCode: exitCodes.failed },
  ],
])('of a warehouse %s there is no backup, and no trace of one', async (_, harm, error) => {
  await withLoaded(async (loaded, folder) => {
    await harm(loaded.path);

    await expect(backup(loaded, folder)).rejects.toMatchObject(error);
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });
});

test('a signal leaves no trace of a backup, and neither do processes that died', async () => {
  await withLoaded(async (loaded, folder) => {
    const parent = join(folder, '..');
    // No process has this number: Linux gives them up to 2^22.
    const left = join(parent, '.votes-ingest-backup.99999999.tmp');
    await mkdir(left, { recursive: true });
    await writeFile(join(left, 'warehouse.db'), 'half of one');

    await expect(backup(loaded, folder, AbortSignal.abort())).rejects.toThrow();

    expect(await readdir(parent)).toEqual([]);
  });
});
