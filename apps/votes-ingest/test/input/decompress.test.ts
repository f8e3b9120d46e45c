import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import type { ByteSource } from '../../src/input/byte-source.ts';
import { CorruptInputError, unpack } from '../../src/input/decompress.ts';

/** A source that gives its bytes in pieces of a given size. */
function sourceOf(bytes: Uint8Array, pieceBytes: number): ByteSource {
  let at = 0;
  return {
    read: (target) => {
      const count = Math.min(pieceBytes, target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
  };
}

async function readAll(bytes: Uint8Array, pieceBytes = 1 << 20): Promise<Buffer> {
  const unpacked = await unpack(sourceOf(bytes, pieceBytes));
  const chunks: Buffer[] = [];
  try {
    for (;;) {
      const target = Buffer.alloc(10_000);
      const count = await unpacked.read(target);
      if (count === 0) {
        return Buffer.concat(chunks);
      }
      chunks.push(target.subarray(0, count));
    }
  } finally {
    await unpacked.close();
  }
}

/** Compares without listing megabytes. */
function expectBytes(found: Buffer, expected: Buffer): void {
  expect(found.length).toBe(expected.length);
  expect(found.equals(expected)).toBe(true);
}

const compressors = [
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const;
const text = Buffer.from(randomBytes(150_000).toString('hex'));

describe.each(compressors)('%s', (name, compress) => {
  const whole = compress(text);

  test.each([1 << 20, 4096, 61, 1])('is unpacked from pieces of %i bytes', async (pieceBytes) => {
    const small = compress(text.subarray(0, 3_000));
    expectBytes(await readAll(small, pieceBytes), text.subarray(0, 3_000));
  });

  test('is unpacked in all its members, wherever their borders fall', async () => {
    const parts = [text.subarray(0, 70_000), text.subarray(70_000, 70_001), text.subarray(70_001)];
    const members = parts.map((part) => compress(part));
    const [first = whole] = members;
    for (const pieceBytes of [1 << 20, 65_536, first.length, first.length + 3, 997]) {
      expectBytes(await readAll(Buffer.concat(members), pieceBytes), text);
    }
  });

  test('holds an empty member', async () => {
    const empty = compress(Buffer.alloc(0));
    expectBytes(await readAll(Buffer.concat([empty, whole, empty])), text);
  });

  test('is refused when it is cut, anywhere', async () => {
    const cuts = [5, 9, 12, 100, whole.length >> 1, whole.length - 8, whole.length - 1];
    for (const cut of cuts) {
      await expect(readAll(whole.subarray(0, cut)), `cut at ${cut}`).rejects.toThrow(
        CorruptInputError,
      );
    }
  });

  test('is refused when its second member is cut', async () => {
    const two = Buffer.concat([whole, whole]);
    for (const cut of [whole.length + 4, whole.length + 50, two.length - 1]) {
      await expect(readAll(two.subarray(0, cut)), `cut at ${cut}`).rejects.toThrow(name);
    }
  });

  test.each([
    ['zeros', Buffer.alloc(512)],
    ['one zero', Buffer.alloc(1)],
    ['text', Buffer.from('{"Id":"1"}\n')],
  ])('is refused when %s follow it', async (_, tail) => {
    await expect(readAll(Buffer.concat([whole, tail]))).rejects.toThrow(CorruptInputError);
    await expect(readAll(Buffer.concat([whole, tail]), whole.length)).rejects.toThrow(
      CorruptInputError,
    );
  });

  test('gives the failure of its source, and waits for nothing then', async () => {
    const failure = new Error('the disk is broken');
    for (const readsBefore of [1, 2, 3]) {
      const source = sourceOf(whole, 1 << 14);
      let reads = 0;
      const failing: ByteSource = {
        read: (target) => {
          reads += 1;
          return reads > readsBefore ? Promise.reject(failure) : source.read(target);
        },
      };
      const reading = async (): Promise<void> => {
        const unpacked = await unpack(failing);
        while ((await unpacked.read(Buffer.alloc(1 << 20))) > 0);
      };
      await expect(reading()).rejects.toBe(failure);
    }
  });

  test('may be left in the middle', async () => {
    const unpacked = await unpack(sourceOf(whole, 512));
    await unpacked.read(Buffer.alloc(10));
    await unpacked.close();
    expect(await unpacked.read(Buffer.alloc(10))).toBeLessThanOrEqual(10);
  });
});

test('gzip with a wrong checksum is refused', async () => {
  const broken = Buffer.from(gzipSync(text));
  const at = broken.length - 6;
  broken[at] = (broken[at] ?? 0) ^ 1;
  await expect(readAll(broken)).rejects.toThrow(CorruptInputError);
});

test('zstd with a checksum is verified', async () => {
  // ZSTD_c_checksumFlag is parameter 201.
  const whole = Buffer.from(zstdCompressSync(text, { params: { 201: 1 } }));
  expectBytes(await readAll(whole), text);
  const at = whole.length - 2;
  whole[at] = (whole[at] ?? 0) ^ 1;
  await expect(readAll(whole)).rejects.toThrow(CorruptInputError);
});

test('a skippable zstd frame is skipped', async () => {
  const skippable = Buffer.from('522a4d180400000061626364', 'hex');
  const whole = zstdCompressSync(text);
  expect(await readAll(Buffer.concat([skippable, whole, skippable, whole]))).toEqual(
    Buffer.concat([text, text]),
  );
});

test.each(['', 'x', '{"I', 'plain text'])('%j is given as it is', async (plain) => {
  expect((await readAll(Buffer.from(plain), 1)).toString()).toBe(plain);
});
