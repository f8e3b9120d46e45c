import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { prepareBinaries } from '../../src/postgres/embedded/binaries.ts';

const nobody = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sluice-binaries-'));
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

/** A package as npm unpacks it: without the links. */
async function install(): Promise<{ nativeFolder: string; version: string }> {
  const nativeFolder = join(parent, 'closed', 'native');
  await mkdir(join(nativeFolder, 'bin'), { recursive: true });
  await mkdir(join(nativeFolder, 'lib', 'pkgconfig'), { recursive: true });
  await writeFile(
    join(nativeFolder, 'bin', 'postgres'),
    '#!/bin/sh\ncat "$0"/../../lib/libx.so.1',
    {
      mode: 0o755,
    },
  );
  await writeFile(join(nativeFolder, 'lib', 'libx.so.1.2'), 'library');
  await writeFile(join(nativeFolder, 'lib', 'libx.a'), 'for compilers');
  await writeFile(
    join(nativeFolder, 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]),
  );
  return { nativeFolder, version: '18.4.0-beta.17' };
}

describe('the programs of the embedded Postgres', () => {
  test('that npm has installed are used where they are', async () => {
    const binaries = await prepareBinaries(undefined, { preferredFolder: parent });
    expect(binaries.majorVersion).toBe(18);
    expect(existsSync(join(binaries.binFolder, 'initdb'))).toBe(true);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('get the links that their install script would have made', async () => {
    const installed = await install();
    const { binFolder } = await prepareBinaries(undefined, { preferredFolder: parent, installed });
    expect(binFolder).toBe(join(installed.nativeFolder, 'bin'));
    expect(readlinkSync(join(installed.nativeFolder, 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
  });

  test.runIf(isRoot)(
    'are copied for an account that can not reach them, whole and once',
    async () => {
      const installed = await install();
      chmodSync(parent, 0o755);
      chmodSync(join(parent, 'closed'), 0o700);
      const places = { preferredFolder: join(parent, 'open'), installed };
      await mkdir(places.preferredFolder);
      const all = await Promise.all(
        Array.from({ length: 5 }, () => prepareBinaries(nobody, places)),
      );
      expect(new Set(all.map(({ binFolder }) => binFolder)).size).toBe(1);
      expect(readdirSync(places.preferredFolder)).toEqual(['programs-18.4.0-beta.17']);
      const copy = join(places.preferredFolder, 'programs-18.4.0-beta.17');
      expect(readdirSync(join(copy, 'lib')).sort()).toEqual(['libx.so.1', 'libx.so.1.2']);
      expect(
        execFileSync('cat', [join(copy, 'lib', 'libx.so.1')], { ...nobody, encoding: 'utf8' }),
      ).toBe('library');
    },
  );

  test.runIf(isRoot)(
    'are copied to where the machine shares where the home is closed too',
    async () => {
      const installed = await install();
      chmodSync(parent, 0o755);
      chmodSync(join(parent, 'closed'), 0o700);
      const places = {
        preferredFolder: join(parent, 'closed', 'home'),
        sharedFolder: join(parent, 'shared'),
        installed,
      };
      await mkdir(places.preferredFolder);
      const { binFolder } = await prepareBinaries(nobody, places);
      expect(binFolder.startsWith(places.sharedFolder)).toBe(true);
      expect((await prepareBinaries(nobody, places)).binFolder).toBe(binFolder);
    },
  );

  test.runIf(isRoot)('are not run from a folder that another account may change', async () => {
    const installed = await install();
    chmodSync(parent, 0o755);
    chmodSync(join(parent, 'closed'), 0o700);
    const places = {
      preferredFolder: join(parent, 'closed', 'home'),
      sharedFolder: join(parent, 'shared'),
      installed,
    };
    await mkdir(places.preferredFolder);
    await mkdir(places.sharedFolder);
    chownSync(places.sharedFolder, nobody.uid, nobody.gid);
    await expect(prepareBinaries(nobody, places)).rejects.toMatchObject({ code: 'EMBEDDED' });
  });
});
