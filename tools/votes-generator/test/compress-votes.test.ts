import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { compressVotes, generateVotes } from '../src/index.ts';
import { joinChunks } from './naive-loader.ts';

const options = { rows: 30_000, seed: 1 };
const plain = joinChunks(generateVotes(options));

async function compress(
  compression: 'gzip' | 'zstd',
  {
    memberBytes,
    chunks = generateVotes(options),
  }: { memberBytes?: number; chunks?: Iterable<Uint8Array> } = {},
): Promise<Buffer> {
  return buffer(compressVotes({ chunks, compression, memberBytes }));
}

function countOf(bytes: Buffer, magic: string): number {
  return bytes.toString('latin1').split(Buffer.from(magic, 'hex').toString('latin1')).length - 1;
}

// A gzip member begins with its magic number, the method deflate and no flags.
const gzipMagic = '1f8b0800000000';
const zstdMagic = '28b52ffd';

test('gzip decompresses to the same bytes, as one member', async () => {
  const compressed = await compress('gzip');
  expect(countOf(compressed, gzipMagic)).toBe(1);
  expect(gunzipSync(compressed).equals(plain)).toBe(true);
  expect(compressed.length).toBeLessThan(plain.length / 4);
});

test('gzip in several members decompresses to the same bytes', async () => {
  const compressed = await compress('gzip', { memberBytes: 1_000_000 });
  expect(countOf(compressed, gzipMagic)).toBe(Math.ceil(plain.length / 1_000_000));
  expect(gunzipSync(compressed).equals(plain)).toBe(true);
});

test('zstd decompresses to the same bytes, as one frame', async () => {
  const compressed = await compress('zstd');
  expect(countOf(compressed, zstdMagic)).toBe(1);
  expect(zstdDecompressSync(compressed).equals(plain)).toBe(true);
});

test('zstd in several frames decompresses to the same bytes, frame by frame', async () => {
  const compressed = await compress('zstd', { memberBytes: 1_000_000 });
  const magic = Buffer.from(zstdMagic, 'hex');
  const frames: Buffer[] = [];
  let start = 0;
  while (start < compressed.length) {
    const next = compressed.indexOf(magic, start + 1);
    const end = next === -1 ? compressed.length : next;
    frames.push(zstdDecompressSync(compressed.subarray(start, end)));
    start = end;
  }
  // Node may end a frame with an empty one, which is valid and holds nothing.
  const sizes = frames.map((frame) => frame.length).filter((size) => size > 0);
  expect(sizes).toEqual([1_000_000, 1_000_000, plain.length - 2_000_000]);
  expect(Buffer.concat(frames).equals(plain)).toBe(true);
});

test('an input that fills its last member begins no other', async () => {
  const chunks = [Buffer.from('0123'), Buffer.from('4567')];
  const compressed = await compress('gzip', { chunks, memberBytes: 4 });
  expect(countOf(compressed, gzipMagic)).toBe(2);
  expect(gunzipSync(compressed).toString()).toBe('01234567');
});

test('no input is one empty member', async () => {
  expect(gunzipSync(await compress('gzip', { chunks: [] }))).toHaveLength(0);
  expect(zstdDecompressSync(await compress('zstd', { chunks: [] }))).toHaveLength(0);
});

test('members of no bytes are refused', async () => {
  await expect(compress('gzip', { memberBytes: 0 })).rejects.toThrow(RangeError);
});
