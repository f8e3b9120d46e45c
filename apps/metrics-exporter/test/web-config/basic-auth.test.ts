import { describe, expect, test } from 'vitest';

import { BasicAuth } from '../../src/web-config/basic-auth.ts';
import type { Comparison } from '../../src/web-config/compare-passwords.ts';

const users = { prometheus: 'the hash of right', other: 'the hash of theirs' };

function headerOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Comparisons that end when `release` says so, and none before it. */
function heldComparisons() {
  const compared: Comparison[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    compared,
    release: () => {
      resolve(undefined);
    },
    compare: async (comparison: Comparison): Promise<boolean> => {
      compared.push(comparison);
      await promise;
      return comparison.hash === `the hash of ${comparison.password}`;
    },
  };
}

describe('while wrong passwords flood in', () => {
  const flood = Array.from({ length: 200 }, (_, index) =>
    headerOf('prometheus', `wrong ${String(index)}`),
  );

  test('few of them are compared, and the others are told to come again', async () => {
    const { compared, compare, release } = heldComparisons();
    const auth = new BasicAuth(users, compare);
    const verdicts = flood.map((header) => auth.judge(header));
    expect(await verdicts.at(-1)).toBe('too-many');
    expect(compared).toHaveLength(8);
    release();
    const all = await Promise.all(verdicts);
    expect(all.filter((verdict) => verdict === 'refused')).toHaveLength(8);
    expect(all.filter((verdict) => verdict === 'too-many')).toHaveLength(192);
    expect(await auth.judge(headerOf('prometheus', 'right'))).toBe('allowed');
  });

  test('who was found right is allowed without a comparison', async () => {
    let held = Promise.resolve();
    let comparisons = 0;
    const auth = new BasicAuth(users, async ({ password, hash }) => {
      comparisons += 1;
      await held;
      return hash === `the hash of ${password}`;
    });
    expect(await auth.judge(headerOf('prometheus', 'right'))).toBe('allowed');
    held = new Promise(() => undefined);
    flood.forEach((header) => void auth.judge(header));
    expect(await auth.judge(headerOf('prometheus', 'right'))).toBe('allowed');
    expect(comparisons).toBe(1 + 8);
  });
});

test('the same credentials at once are compared once', async () => {
  const { compared, compare, release } = heldComparisons();
  const auth = new BasicAuth(users, compare);
  const verdicts = Array.from({ length: 20 }, () => auth.judge(headerOf('other', 'theirs')));
  release();
  expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['allowed']));
  expect(compared).toHaveLength(1);
});

test('a comparison that fails makes room for the next', async () => {
  const failing = () => Promise.reject(new Error('no thread'));
  const auth = new BasicAuth(users, failing);
  for (let time = 0; time < 20; time += 1) {
    await expect(auth.judge(headerOf('other', `x ${String(time)}`))).rejects.toThrow('no thread');
  }
});
