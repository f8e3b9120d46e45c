import { keptBytesOfLongLine, maxLineBytes } from '@sluice/schemas';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import type { ByteSource } from '../../src/input/byte-source.ts';
import { measureLongLine, readLineBlocks } from '../../src/input/line-blocks.ts';
import type { LongLine } from '../../src/input/line-blocks.ts';

function sourceOf(bytes: Uint8Array, pieceSizes: readonly number[]): ByteSource {
  let at = 0;
  let piece = 0;
  return {
    read: (target) => {
      const size = pieceSizes[piece % pieceSizes.length] ?? 1;
      piece += 1;
      const count = Math.min(size, target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
  };
}

async function readLines(bytes: Uint8Array, pieceSizes = [1 << 22]) {
  const lines: (string | LongLine)[] = [];
  for await (const block of readLineBlocks(sourceOf(bytes, pieceSizes))) {
    if (block.kind === 'long-line') {
      lines.push({ ...block, head: Buffer.from(block.head) });
    } else {
      const text = block.bytes.toString('latin1', block.start, block.end);
      expect(text.endsWith('\n')).toBe(true);
      expect(block.bytes.length - block.end).toBeGreaterThanOrEqual(32);
      for (const line of text.slice(0, -1).split('\n')) {
        lines.push(line);
      }
    }
  }
  return lines;
}

describe('readLineBlocks', () => {
  test('gives every line once, in order, however the bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        fc.boolean(),
        async (texts, pieceSizes, endsWithNewline) => {
          const lines = texts.map((text) => text.replaceAll('\n', ''));
          const whole = lines.join('\n') + (endsWithNewline ? '\n' : '');
          const expected = whole.split('\n');
          if (expected.at(-1) === '') {
            expected.pop();
          }
          expect(await readLines(Buffer.from(whole), pieceSizes)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('gives a line of the longest length whole, wherever it lies', async () => {
    const longest = 'x'.repeat(maxLineBytes);
    for (const before of [0, 1, 4 * 1024 * 1024 - 5, 3 * 1024 * 1024]) {
      const lines = ['y'.repeat(1000), longest, 'z'];
      const whole = `${'\n'.repeat(before)}${lines.join('\r\n')}`;
      const found = await readLines(Buffer.from(whole));
      expect(found.slice(before)).toEqual([`${lines[0] ?? ''}\r`, `${longest}\r`, 'z']);
    }
  });

  test.each([
    ['in one block', [1 << 22], 2 * maxLineBytes],
    ['over many blocks', [100_000, 7], 3 * maxLineBytes + 17],
    ['of 20 MB', [1 << 22], 20_000_000],
  ])('measures a line %s and goes on behind it', async (_, pieceSizes, length) => {
    const long = Buffer.alloc(length, 'ab\r');
    const whole = Buffer.concat([Buffer.from('first\n'), long, Buffer.from('\r\nlast\n')]);
    const [first, found, last] = await readLines(whole, pieceSizes);
    const expected = {
      kind: 'long-line',
      head: long.subarray(0, keptBytesOfLongLine),
      lengthBytes: long.length,
      sha256: createHash('sha256').update(long).digest('hex'),
      isBlank: false,
    };
    const measured = typeof found === 'string' ? measureLongLine(withoutReturn(found)) : found;
    expect([first, last]).toEqual(['first', 'last']);
    expect({ ...measured, head: undefined }).toEqual({ ...expected, head: undefined });
    expect(measured !== undefined && expected.head.equals(measured.head)).toBe(true);
  });

  test('measures a long line that ends with the file', async () => {
    const [found] = await readLines(Buffer.alloc(6_000_000, 'x'));
    expect(found).toMatchObject({ kind: 'long-line', lengthBytes: 6_000_000 });
  });

  test('passes on what goes wrong while reading', async () => {
    let reads = 0;
    const source: ByteSource = {
      read: (target) => {
        reads += 1;
        target.fill(10);
        return reads < 3 ? Promise.resolve(5) : Promise.reject(new Error('the disk is gone'));
      },
    };
    const read = async (): Promise<void> => {
      for await (const block of readLineBlocks(source)) {
        expect(block.kind).toBe('lines');
      }
    };
    await expect(read()).rejects.toThrow('the disk is gone');
  });
});

function withoutReturn(line: string): Buffer {
  return Buffer.from(line.replace(/\r$/, ''), 'latin1');
}
