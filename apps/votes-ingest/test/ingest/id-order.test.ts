import { expectedTotals, generateVotes } from '@sluice/votes-generator';
import type { VotesOptions } from '@sluice/votes-generator';
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

const fileFrom = (options: VotesOptions): Buffer => Buffer.concat([...generateVotes(options)]);

/** Counted by DuckDB, without regard to any order. */
async function countTable() {
  const [counts] = await warehouse.rows(
    z.object({ rows: z.int(), ids: z.int() }),
    'select count(*) as rows, count(distinct Id) as ids from blog_analysis.votes',
  );
  return counts;
}

const dirty = {
  duplicates: 0.02,
  conflicts: 0.01,
  badLines: {
    bad_encoding: 0.002,
    not_json: 0.002,
    not_an_object: 0.002,
    duplicate_key: 0.002,
    missing_field: 0.002,
    wrong_type: 0.002,
    out_of_range: 0.002,
    bad_timestamp: 0.002,
  },
  unknownTypes: 0.001,
  unknownFields: 0.001,
  blankLines: 0.01,
};

describe('the counts are those of the generator', () => {
  test.each<[name: string, options: VotesOptions]>([
    ['ascending', { rows: 12_000, seed: 1, ...dirty }],
    ['in random order', { rows: 12_000, seed: 2, ...dirty, order: 'random', crlf: true }],
    [
      'with numbers, cut at the end',
      { rows: 12_000, seed: 3, ...dirty, values: 'number', badAtEnd: true, finalNewline: false },
    ],
    [
      'in XML, in random order',
      {
        rows: 12_000,
        seed: 4,
        ...dirty,
        badLines: { not_json: 0.01 },
        format: 'xml',
        order: 'random',
      },
    ],
    ['around 2^31', { rows: 6_000, seed: 5, ...dirty, firstId: 2 ** 31 - 3_000, order: 'random' }],
    ['around 2^32', { rows: 6_000, seed: 6, ...dirty, firstId: 2 ** 32 - 3_000 }],
    [
      'around 10^15, where doubles lose halves',
      { rows: 6_000, seed: 7, ...dirty, firstId: 10 ** 15 - 3_000, order: 'random' },
    ],
  ])('%s', async (_, options) => {
    const { byReason, ...totals } = expectedTotals(options);
    const report = await warehouse.ingestBytes(fileFrom(options));
    expect(report).toMatchObject({ outcome: 'ingested', ...totals });
    expect((await warehouse.status()).openQuarantine.byReason).toEqual({
      ...byReason,
      failed_check: 0,
    });
    expect(await countTable()).toEqual({ rows: totals.accepted, ids: totals.accepted });
  });
});

test('files that overlap and interleave add only what is new, in any order', async () => {
  const slice = (firstRow: number, order: 'ascending' | 'random'): Buffer =>
    fileFrom({ rows: 8_000, seed: 9, firstRow, order });
  const inputs = [
    await warehouse.place('1.jsonl', slice(10_000, 'random')),
    await warehouse.place('2.jsonl', slice(4_000, 'ascending')),
    await warehouse.place('3.jsonl.gz', gzipSync(slice(8_000, 'random'))),
    await warehouse.place('4.jsonl', slice(0, 'random')),
  ];
  const { report } = await warehouse.ingest(inputs, { suspectsPerPass: 3_000 });
  expect(report.files).toMatchObject([
    { accepted: 8_000, duplicate: 0 },
    { accepted: 6_000, duplicate: 2_000 },
    { accepted: 0, duplicate: 8_000 },
    { accepted: 4_000, duplicate: 4_000 },
  ]);
  expect(await countTable()).toEqual({ rows: 18_000, ids: 18_000 });
});

test('Ids that ascend with inversions, over more rows than a chunk has', async () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => index + 1);
  for (let index = 0; index + 3 < ids.length; index += 97) {
    ids.splice(index, 4, ...ids.slice(index, index + 4).reverse());
  }
  const lines = [...ids, 1, 2_500, 5_000, 5_001].map((id) => goodLine(id));
  const report = await warehouse.ingestBytes(fileOf(lines));
  expect(report).toMatchObject({ read: 5_004, accepted: 5_001, duplicate: 3 });
  expect(await countTable()).toEqual({ rows: 5_001, ids: 5_001 });
});

test('the largest Ids are told apart, in any order, over files and runs', async () => {
  const edges = [2n ** 15n, 2n ** 31n, 2n ** 32n, 10n ** 15n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 4n];
  const id = fc
    .tuple(fc.constantFrom(...edges), fc.bigInt(-3n, 3n))
    .map(([edge, distance]) => edge + distance);
  const files = fc.array(fc.array(id, { minLength: 1, maxLength: 30 }), {
    minLength: 1,
    maxLength: 3,
  });
  const seen = new Set<bigint>();
  let fileCount = 0;
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      const inputs: string[] = [];
      const newPerFile: number[] = [];
      for (const [index, ids] of contents.entries()) {
        // A byte that no other file has, so that none is known already.
        fileCount += 1;
        const lines = [...ids.map((each) => goodLine(each)), ' '.repeat(fileCount)];
        inputs.push(await warehouse.place(`${index}.jsonl`, fileOf(lines)));
        const before = seen.size;
        ids.forEach((each) => seen.add(each));
        newPerFile.push(seen.size - before);
      }
      const { report } = await warehouse.ingest(inputs);
      expect(report.files.map((file) => file.accepted)).toEqual(newPerFile);
      expect(report.totals.conflicting + report.totals.quarantined).toBe(0);
    }),
    { numRuns: 12 },
  );
  const stored = (await warehouse.voteIds()).map(BigInt);
  expect(stored).toEqual([...seen].sort((left, right) => (left < right ? -1 : 1)));
});
