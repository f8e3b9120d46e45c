import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { detectArchive, isNamedLikeArchive } from '../../src/fetch/archive-kind.ts';
import { makeContent, makeFolder } from './fetch-into.ts';
import { makeTar, makeTarGz } from './tar-bytes.ts';

const tar = makeTar({ path: 'a.txt', body: 'a' });

/** A valid tar header whose first bytes are those of a compressed file. */
function makeDisguisedTar(magic: readonly number[]): Buffer {
  const bytes = Buffer.from(tar);
  bytes.set(magic, 0);
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

const disguised = makeDisguisedTar([0x1f, 0x8b]);

describe('detectArchive', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['a tar', tar, 'tar'],
    ['a compressed tar', makeTarGz({ path: 'a.txt' }), 'tar.gz'],
    [
      'a compressed tar with a wrong checksum',
      Buffer.concat([gzipSync(tar).subarray(0, -8), Buffer.alloc(8)]),
      'tar.gz',
    ],
    [
      'a long compressed tar',
      gzipSync(makeTar({ path: 'a', body: makeContent(300_000) })),
      'tar.gz',
    ],
    ['a tar whose name is odd but honest', makeDisguisedTar([0x41, 0x42]), 'tar'],
    ['nothing', Buffer.alloc(0), undefined],
    ['zeros', Buffer.alloc(10_000), undefined],
    ['less than a header', tar.subarray(0, 511), undefined],
    ['a header with a changed byte', Buffer.from(tar).fill('b', 0, 1), undefined],
    ['text', Buffer.from('{"Id":1}\n'.repeat(200)), undefined],
    ['bytes with absurd numbers', Buffer.alloc(2000, 0xff), undefined],
    ['compressed text', gzipSync('{"Id":1}\n'.repeat(200)), undefined],
    ['a tar compressed twice', gzipSync(gzipSync(tar)), undefined],
    ['a tar in zstd', zstdCompressSync(tar), undefined],
    ['no gzip behind its first bytes', Buffer.from([0x1f, 0x8b, 1, 2, 3]), undefined],
    ['a tar that looks like gzip', disguised, undefined],
    ['a compressed tar that looks like gzip', gzipSync(disguised), undefined],
    ['a tar that looks like zstd', makeDisguisedTar([0x28, 0xb5, 0x2f, 0xfd]), undefined],
  ])('%s', async (_, content, expected) => {
    const path = join(await makeFolder(), 'file');
    await writeFile(path, content);

    expect(await detectArchive(path)).toBe(expected);
  });
});

describe('isNamedLikeArchive', () => {
  test.each([
    ['votes.tar', true],
    ['votes.tar.gz', true],
    ['VOTES.TGZ', true],
    ['votes.gz', false],
    ['votes.tar.zst', false],
    ['tar', false],
    ['votes.tar.gz.jsonl', false],
  ])('%s: %s', (name, expected) => {
    expect(isNamedLikeArchive(name)).toBe(expected);
  });
});
