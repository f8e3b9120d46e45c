import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SeenIds } from '../../src/ingest/seen-ids.ts';

const pageBytes = 64 * 1024;

describe('SeenIds', () => {
  test('calls an Id new only if neither the table nor the file can have had it', () => {
    const id = fc.oneof(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 524_280, max: 524_300 }),
      fc.integer({ min: 1, max: 40 }).map((page) => page * 524_288),
      fc.maxSafeNat(),
    );
    fc.assert(
      fc.property(
        fc.array(id, { maxLength: 200 }),
        fc.nat(100),
        fc.nat(8),
        (ids, tableMax, pages) => {
          const seen = new SeenIds(BigInt(tableMax), pages * pageBytes);
          const had = new Set<number>();
          for (const current of ids.filter((value) => value > 0)) {
            const isNew = seen.admit(current);
            if (isNew) {
              expect(had.has(current)).toBe(false);
              expect(current).toBeGreaterThan(tableMax);
            }
            had.add(current);
          }
          expect(seen.max).toBe(BigInt(Math.max(tableMax, ...had)));
        },
      ),
    );
  });

  test('knows every Id of a dense file in any order', () => {
    const seen = new SeenIds(0n, 8 * pageBytes);
    const ids = Array.from({ length: 100_000 }, (_, index) => ((index * 7919) % 100_000) + 1);
    expect(ids.every((id) => seen.admit(id))).toBe(true);
    expect(ids.some((id) => seen.admit(id))).toBe(false);
  });

  test('takes Ids beyond 2^53 only in ascending order', () => {
    const seen = new SeenIds(5n, pageBytes);
    expect(seen.admitBig(6n)).toBe(true);
    expect(seen.admitBig(2n ** 60n)).toBe(true);
    expect(seen.admitBig(2n ** 60n)).toBe(false);
    expect(seen.admitBig(2n ** 59n)).toBe(false);
    expect(seen.admitBig(7n)).toBe(true);
    expect(seen.max).toBe(2n ** 60n);
  });

  test('takes nothing for new below a table that reaches beyond 2^53', () => {
    const seen = new SeenIds(2n ** 60n, pageBytes);
    expect(seen.admit(1)).toBe(false);
    expect(seen.admitBig(2n ** 60n)).toBe(false);
    expect(seen.admitBig(2n ** 60n + 1n)).toBe(true);
  });
});
