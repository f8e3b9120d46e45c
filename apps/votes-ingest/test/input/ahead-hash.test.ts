import { createHash } from 'node:crypto';
import { appendFile, copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

import { AheadHash } from '../../src/input/ahead-hash.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const content = Buffer.alloc(3_000_001, 'votes\n');
const running = new AbortController().signal;
let aheadHash: AheadHash | undefined;

afterEach(() => {
  aheadHash?.end();
});

test('the hash is that of all bytes of its file, and of no other file', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'votes.jsonl');
    await writeFile(path, content);
    aheadHash = new AheadHash(path);
    expect(await aheadHash.of(join(folder, 'other.jsonl'), running)).toBeUndefined();
    expect(await aheadHash.of(path, running)).toEqual({
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
    });
  });
});

test.each([
  ['is written to', (path: string) => appendFile(path, 'more')],
  [
    'is replaced by one of the same size',
    async (path: string) => {
      await copyFile(path, `${path}.new`);
      await rename(`${path}.new`, path);
    },
  ],
])('the hash of a file that %s meanwhile counts for nothing', async (_, touch) => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'votes.jsonl');
    await writeFile(path, content);
    aheadHash = new AheadHash(path);
    expect(await aheadHash.of(path, running)).toBeDefined();
    await touch(path);
    expect(await aheadHash.of(path, running)).toBeUndefined();
  });
});

test('what can not be read has no hash, and fails where it is read', async () => {
  await withTemporaryFolder(async (folder) => {
    aheadHash = new AheadHash(folder);
    expect(await aheadHash.of(folder, running)).toBeUndefined();
  });
});

test('who waits for the hash is told to stop', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'votes.jsonl');
    await writeFile(path, content);
    aheadHash = new AheadHash(path);
    const stop = new AbortController();
    const hashed = aheadHash.of(path, stop.signal);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(hashed).rejects.toBe(reason);
  });
});
