import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { placeFiles } from '../../src/fetch/place-files.ts';
import { listFiles, makeFolder } from './fetch-into.ts';

const label = 'fetch it';

/** A source folder with the files `a` and `b`, and an empty target folder. */
async function makeFolders() {
  const source = await makeFolder();
  const targetFolder = await makeFolder();
  await writeFile(join(source, 'a'), 'new a');
  await writeFile(join(source, 'b'), 'new b');
  const place = (from: string, to: string) => ({
    from: join(source, from),
    to: join(targetFolder, to),
  });
  return { source, targetFolder, place };
}

test('files are moved, with the folders they need', async () => {
  const { source, targetFolder, place } = await makeFolders();

  await placeFiles([place('a', 'a'), place('b', 'deep/er/b')], {
    targetFolder,
    overwrite: false,
    label,
  });

  expect(await listFiles(targetFolder)).toEqual(['a', 'deep/er/b']);
  expect(await listFiles(source)).toEqual([]);
});

test('nothing is moved when one place is taken', async () => {
  const { source, targetFolder, place } = await makeFolders();
  await writeFile(join(targetFolder, 'b'), 'mine');

  const moving = placeFiles([place('a', 'a'), place('b', 'b')], {
    targetFolder,
    overwrite: false,
    label,
  });

  await expect(moving).rejects.toMatchObject({ code: 'EXISTS' });
  expect(await listFiles(targetFolder)).toEqual(['b']);
  expect(await listFiles(source)).toEqual(['a', 'b']);
});

test('when one file cannot be moved, those that were new are removed again', async () => {
  const { targetFolder, place } = await makeFolders();
  await writeFile(join(targetFolder, 'b'), 'old b');

  const moving = placeFiles([place('a', 'a'), place('b', 'b'), place('missing', 'c')], {
    targetFolder,
    overwrite: true,
    label,
  });

  await expect(moving).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await listFiles(targetFolder)).toEqual(['b']);
  expect(await readFile(join(targetFolder, 'b'), 'utf8')).toBe('new b');
});

test('a file where a folder is needed is in the way, also with overwrite', async () => {
  const { targetFolder, place } = await makeFolders();
  await writeFile(join(targetFolder, 'deep'), 'mine');

  const moving = placeFiles([place('a', 'deep/a')], { targetFolder, overwrite: true, label });

  await expect(moving).rejects.toThrow(/deep is in the way and is no folder/);
  expect(await listFiles(targetFolder)).toEqual(['deep']);
});

test('a target folder that is a link itself is where the user wants it', async () => {
  const { targetFolder, place } = await makeFolders();
  const inside = join(targetFolder, 'inside');
  await mkdir(inside);
  await symlink(inside, join(targetFolder, 'link'));

  await placeFiles([place('a', 'link/a')], {
    targetFolder: join(targetFolder, 'link'),
    overwrite: false,
    label,
  });

  expect(await listFiles(inside)).toEqual(['a']);
});
