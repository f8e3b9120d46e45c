import { expect, test } from 'vitest';

import { createLinePlan } from '../src/line-plan.ts';
import type { LineKind } from '../src/line-plan.ts';
import { resolveVotesOptions } from '../src/votes-options.ts';
import type { VotesOptions } from '../src/votes-options.ts';

const rows = 200_000;

function planOf(options: Partial<VotesOptions> = {}) {
  return createLinePlan(resolveVotesOptions({ rows, seed: 1, ...options }));
}

function countKinds(options: Partial<VotesOptions>): Map<LineKind, number> {
  const { kindOf } = planOf(options);
  const counts = new Map<LineKind, number>();
  for (let row = 0; row < rows; row += 1) {
    counts.set(kindOf(row), (counts.get(kindOf(row)) ?? 0) + 1);
  }
  return counts;
}

test('each row is the partner of its partner, at distances near and far', () => {
  const { partnerOf } = planOf();
  const distances: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    const partner = partnerOf(row);
    if (partnerOf(partner) !== row) expect.fail(`row ${String(row)}`);
    if (row >= 8 && partner === row) expect.fail(`row ${String(row)} is alone`);
    distances.push(Math.abs(partner - row));
  }
  expect(distances.slice(8).some((distance) => distance < 10)).toBe(true);
  expect(distances.some((distance) => distance > 5000)).toBe(true);
  expect(distances.every((distance) => distance < 131_072)).toBe(true);
});

test('rows beyond 32 bits are paired inside their block', () => {
  const { partnerOf } = planOf();
  for (const row of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 - 1]) {
    const partner = partnerOf(row);
    expect(partnerOf(partner)).toBe(row);
    expect(Math.floor(partner / 131_072)).toBe(Math.floor(row / 131_072));
  }
});

test('each kind of line comes in its share', () => {
  const counts = countKinds({
    duplicates: 0.05,
    conflicts: 0.02,
    badLines: { not_json: 0.03, wrong_type: 0.1 },
  });
  const shareOf = (kind: LineKind) => (counts.get(kind) ?? 0) / rows;
  expect(shareOf('duplicate')).toBeCloseTo(0.05, 2);
  expect(shareOf('conflict')).toBeCloseTo(0.02, 2);
  expect(shareOf('not_json')).toBeCloseTo(0.03, 2);
  expect(shareOf('wrong_type')).toBeCloseTo(0.1, 2);
  expect([...counts.keys()]).toHaveLength(5);
});

test('what is repeated is an earlier plain vote, and nothing is repeated twice', () => {
  const { kindOf, partnerOf } = planOf({
    duplicates: 0.2,
    conflicts: 0.1,
    badLines: { not_json: 0.4 },
  });
  const repeated: number[] = [];
  for (let row = 0; row < 20_000; row += 1) {
    if (!['duplicate', 'conflict'].includes(kindOf(row))) continue;
    repeated.push(partnerOf(row));
    expect(partnerOf(row)).toBeLessThan(row);
    expect(kindOf(partnerOf(row))).toBe('vote');
  }
  expect(repeated.length).toBeGreaterThan(5000);
  expect(new Set(repeated).size).toBe(repeated.length);
});

test('every row can be a bad one', () => {
  expect(countKinds({ badLines: { not_json: 1 } })).toEqual(new Map([['not_json', rows]]));
});
