import { exitCodes } from '@sluice/schemas';
import { DuckDbWarehouse, statusFilePath } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { publishCopy } from '../../src/backup/publish-copy.ts';
import { verifyWarehouse } from '../../src/verify/verify.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { whileHeld } from './run-script.ts';

async function withPublished(
  use: (loaded: LoadedWarehouse, published: LoadedWarehouse) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', voteLines(1, 5));
    await use(loaded, new LoadedWarehouse(join(folder, 'published')));
  });
}

async function publish(loaded: LoadedWarehouse, published: LoadedWarehouse) {
  const { folder } = published;
  return publishCopy({ warehouse: { path: loaded.path, lockTimeoutMs: 0 }, folder });
}

async function verify(path: string): Promise<string> {
  const { outcome } = await verifyWarehouse({
    warehouse: { path, lockTimeoutMs: 0 },
    signal: new AbortController().signal,
    now: new Date(),
  });
  return outcome;
}

test('a copy is read-only, whole, and has its status beside it', async () => {
  await withPublished(async (loaded, published) => {
    expect(await publish(loaded, published)).toMatchObject({
      path: published.path,
      contents: { rows: 5, runs: 1, files: 1 },
    });

    expect((await stat(published.path)).mode & 0o777).toBe(0o444);
    expect((await readdir(published.folder)).sort()).toEqual([
      'warehouse.db',
      'warehouse.db.status.json',
    ]);
    expect(await published.votes()).toEqual(await loaded.votes());
    expect(await verify(published.path)).toBe('passed');
    expect(await verify(loaded.path)).toBe('passed');
  });
});

test('who reads the old copy keeps it, who opens it anew has the new one', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);
    await published.use('read', async (reader) => {
      const count = () =>
        reader.row(z.object({ n: z.int() }), 'select count(*) as n from blog_analysis.votes');
      expect(await count()).toEqual({ n: 5 });
      await loaded.load('b.jsonl', voteLines(6, 9));

      await publish(loaded, published);

      expect(await count()).toEqual({ n: 5 });
      expect(await published.votes()).toHaveLength(9);
    });
    expect(await verify(published.path)).toBe('passed');
  });
});

test('what is still in the write-ahead log is in the copy, which is one file', async () => {
  await withPublished(async (loaded, published) => {
    await loaded.run(
      'pragma disable_checkpoint_on_shutdown',
      'insert into blog_analysis.votes select * replace (Id + 100 as Id) from blog_analysis.votes',
    );
    expect(existsSync(`${loaded.path}.wal`)).toBe(true);

    await publish(loaded, published);

    expect(await published.votes()).toHaveLength(10);
    expect(existsSync(`${published.path}.wal`)).toBe(false);
    expect(existsSync(`${loaded.path}.wal`)).toBe(true);
  });
});

test('a copy with less than the one before brings no false lost tail', async () => {
  await withPublished(async (loaded, published) => {
    const older = await loaded.copyTo(await newFolder(loaded, 'older'));
    await loaded.load('b.jsonl', voteLines(6, 9));
    await publish(loaded, published);

    await publish(older, published);

    expect(await verify(published.path)).toBe('passed');
    expect(await published.votes()).toHaveLength(5);
  });
});

test('garbage beside the old copy is replaced: its status, its log, what the dead left', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);
    await writeFile(statusFilePath(published.path), 'garbage');
    await writeFile(`${published.path}.wal`, 'garbage');
    // No process has this number: Linux gives them up to 2^22.
    await writeFile(join(published.folder, '.warehouse.db.99999999.tmp'), 'garbage');
    await writeFile(join(published.folder, '.warehouse.db.99999999.tmp.wal'), 'garbage');

    await publish(loaded, published);

    expect((await readdir(published.folder)).sort()).toEqual([
      'warehouse.db',
      'warehouse.db.status.json',
    ]);
    expect(await verify(published.path)).toBe('passed');
  });
});

test('without a status file the copy has none either', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);
    await rm(statusFilePath(loaded.path));

    await publish(loaded, published);

    expect(existsSync(statusFilePath(published.path))).toBe(false);
  });
});

test("the warehouse's own folder is refused, by whatever way it is named", async () => {
  await withPublished(async (loaded, published) => {
    await symlink(loaded.folder, published.folder);

    const publishing = publish(loaded, published);

    await expect(publishing).rejects.toMatchObject({ exitCode: exitCodes.usage });
    expect(await verify(loaded.path)).toBe('passed');
  });
});

test('a folder that can not be made is an error that says the warehouse is as it was', async () => {
  await withPublished(async (loaded, published) => {
    await writeFile(published.folder, 'a file');

    await expect(publish(loaded, published)).rejects.toThrow(
      /publish .*EEXIST.*The copy there is as it was, and so is the warehouse/,
    );
  });
});

test('a warehouse that another process writes to is not copied', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);
    await whileHeld(loaded.path, 'write', async () => {
      await expect(publish(loaded, published)).rejects.toMatchObject({ code: 'LOCKED' });
    });
    expect(await published.votes()).toHaveLength(5);
  });
});

test('a warehouse that has lost committed work is not published', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);
    await loaded.load('b.jsonl', voteLines(6, 9));
    await copyFile(published.path, `${loaded.path}.old`);
    await rm(loaded.path);
    await copyFile(`${loaded.path}.old`, loaded.path);

    await expect(publish(loaded, published)).rejects.toMatchObject({ code: 'LOST_TAIL' });
    expect(await published.votes()).toHaveLength(5);
    expect((await readdir(published.folder)).sort()).toEqual([
      'warehouse.db',
      'warehouse.db.status.json',
    ]);
  });
});

test('the warehouse can be written to once it is copied', async () => {
  await withPublished(async (loaded, published) => {
    await publish(loaded, published);

    const opened = await DuckDbWarehouse.open({
      path: loaded.path,
      access: 'write',
      lockTimeoutMs: 0,
    });
    opened.close();
  });
});

async function newFolder(loaded: LoadedWarehouse, name: string): Promise<string> {
  const folder = join(loaded.folder, name);
  await mkdir(folder);
  return folder;
}
