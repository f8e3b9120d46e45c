import { expect, test } from 'vitest';

import { deriveKey, hashLimit, hashRow, mixBits, pickBelow, stepHash } from '../src/row-hash.ts';

test.each([
  [0, 0],
  [1, 0x514e28b7],
  [0xffffffff, 0x81f16f39],
])('the mixer of %i is what MurmurHash3 publishes', (bits, expected) => {
  expect(mixBits(bits) >>> 0).toBe(expected);
});

test('hashes stay in 31 bits and differ for rows that share their low 32 bits', () => {
  const key = deriveKey(1, 'content');
  const rows = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 41];
  const hashes = rows.map((row) => hashRow(key, row));
  expect(new Set(hashes).size).toBe(rows.length);
  for (const hash of [...hashes, ...hashes.map((other) => stepHash(other, 1))]) {
    expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 31).toBe(true);
  }
});

test('each seed and each purpose has a key of its own', () => {
  const keys = [0, 1, 2, 2 ** 32 - 1].flatMap((seed) => [
    deriveKey(seed, 'content'),
    deriveKey(seed, 'day'),
    deriveKey(seed, 'fault'),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});

test('picks are spread evenly and a share is met', () => {
  const key = deriveKey(7, 'content');
  const hashes = Array.from({ length: 40_000 }, (_, row) => hashRow(key, row));
  const picks = hashes.map((hash) => pickBelow(hash, 4));
  for (const choice of [0, 1, 2, 3]) {
    expect(picks.filter((pick) => pick === choice).length / 10_000).toBeCloseTo(1, 1);
  }
  const below = hashes.filter((hash) => hash < hashLimit(0.1)).length;
  expect(below / 40_000).toBeCloseTo(0.1, 2);
});
