import { expect, test } from 'vitest';

import { LineBuffer } from '../src/line-buffer.ts';
import { createPhrase } from '../src/phrase.ts';

test.each([
  0,
  1,
  9,
  10,
  99,
  100,
  -1,
  -42,
  999_999_999,
  1_000_000_000,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  10_000_000_007,
  1e15,
  Number.MAX_SAFE_INTEGER,
])('%i is written as its decimal digits', (integer) => {
  const buffer = new LineBuffer();
  buffer.writeInteger(integer);
  expect(Buffer.from(buffer.takeChunk()).toString()).toBe(String(integer));
});

test('texts of every length follow each other without padding', () => {
  const texts = ['', 'a', 'bc', 'def', 'ghij', 'klmno', 'x'.repeat(33)];
  const buffer = new LineBuffer();
  for (const text of texts) buffer.writePhrase(createPhrase(text));
  buffer.writeBytes(Buffer.from('!'));
  expect(Buffer.from(buffer.takeChunk()).toString()).toBe(`${texts.join('')}!`);
});

test('a chunk is handed out whole, and keeps its bytes while the next is written', () => {
  const buffer = new LineBuffer();
  const line = createPhrase('0123456789\n');
  let lines = 0;
  while (!buffer.isFull) {
    if (!buffer.fits(1000)) expect.fail(`after ${String(lines)} lines`);
    buffer.writePhrase(line);
    lines += 1;
  }
  expect(buffer.fits(5000)).toBe(false);
  const chunk = buffer.takeChunk();
  buffer.writePhrase(createPhrase('next'));
  expect(Buffer.from(chunk).toString()).toBe('0123456789\n'.repeat(lines));
  expect(Buffer.from(buffer.takeChunk()).toString()).toBe('next');
  expect(buffer.takeChunk()).toHaveLength(0);
});
