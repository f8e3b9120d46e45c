import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { refuseBadTarget, writeAside } from '../../src/index.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-aside-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a file appears whole, under its name only, and its size is told', async () => {
  const folder = await makeFolder();
  const target = { path: join(folder, 'x.csv'), overwrite: false, doing: 'export' };
  const sizeBytes = await writeAside(target, async (temporaryPath) => {
    await writeFile(temporaryPath, 'half');
    expect(await readdir(folder)).not.toContain('x.csv');
    await writeFile(temporaryPath, 'whole');
  });
  expect(sizeBytes).toBe(5);
  expect(await readdir(folder)).toEqual(['x.csv']);
});

test('what fails leaves nothing behind, and keeps what was there', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'x.csv');
  await writeFile(path, 'mine');
  await expect(
    writeAside({ path, overwrite: true, doing: 'export' }, async (temporaryPath) => {
      await writeFile(temporaryPath, 'half');
      throw new RangeError('boom');
    }),
  ).rejects.toThrow('boom');
  expect(await readFile(path, 'utf8')).toBe('mine');
  expect(await readdir(folder)).toEqual(['x.csv']);
});

test('what someone makes meanwhile is replaced only where that is asked for', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'x.csv');
  const write = async (temporaryPath: string): Promise<void> => {
    await writeFile(temporaryPath, 'new');
    await writeFile(path, 'mine');
  };
  await expect(writeAside({ path, overwrite: false, doing: 'export' }, write)).rejects.toThrow(
    `export to ${path}: it exists; --overwrite replaces it`,
  );
  expect(await readFile(path, 'utf8')).toBe('mine');
  await writeAside({ path, overwrite: true, doing: 'export' }, write);
  expect(await readFile(path, 'utf8')).toBe('new');
});

test('a bad target is refused before there is anything to write', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'b'), '');
  const refuse = (name: string, overwrite = true) => {
    refuseBadTarget({ path: join(folder, name), overwrite, doing: 'export' });
  };
  expect(() => {
    refuse('no/x.csv');
  }).toThrow(/there is no folder/);
  expect(() => {
    refuse('a');
  }).toThrow(/it is a folder/);
  expect(() => {
    refuse('b', false);
  }).toThrow(/it exists/);
  refuse('b');
  refuse('c', false);
});
