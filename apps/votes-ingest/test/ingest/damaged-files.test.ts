import * as fc from 'fast-check';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

const votes = fileOf(['bad', ...Array.from({ length: 40 }, (_, index) => goodLine(index + 1))]);
/** ZSTD_c_checksumFlag is parameter 201: without it zstd has nothing to verify content by. */
const zstdWithChecksum = (content: Uint8Array): Buffer =>
  zstdCompressSync(content, { params: { 201: 1 } });

/** Ingests many files in one run; gives what became of each. */
async function ingestAll(contents: readonly Uint8Array[]) {
  const inputs: string[] = [];
  for (const [index, content] of contents.entries()) {
    inputs.push(await warehouse.place(`${String(index).padStart(5, '0')}.gz`, content));
  }
  return (await warehouse.ingest(inputs)).report.files;
}

describe.each([
  ['gzip', (content: Uint8Array) => gzipSync(content)],
  ['zstd', zstdWithChecksum],
])('%s', (_, pack) => {
  const whole = pack(votes);

  test('that is cut is refused wherever it is cut, with nothing of it in the table', async () => {
    // Each byte of the header, some of the middle, each of the trailer.
    const lengths = Array.from({ length: whole.length }, (__, length) => length).filter(
      (length) => length < 20 || length % 29 === 0 || length > whole.length - 12,
    );
    const reports = await ingestAll(lengths.map((length) => whole.subarray(0, length)));
    for (const [index, report] of reports.entries()) {
      expect(report.outcome, `cut after ${lengths[index] ?? ''} bytes`).toBe('refused');
      expect(report.sha256).not.toBeNull();
    }
    expect(reports.at(-1)?.error).toContain('cut or corrupt');
    expect(await warehouse.votes()).toEqual([]);
  });

  test('of several members is refused wherever it is cut but between them', async () => {
    const parts = [votes.subarray(0, 500), votes.subarray(500, 501), votes.subarray(501)];
    const members = parts.map((part) => pack(part));
    const all = Buffer.concat(members);
    const borders = new Set([
      members[0]?.length,
      (members[0]?.length ?? 0) + (members[1]?.length ?? 0),
    ]);
    const lengths = Array.from({ length: all.length }, (__, index) => index).filter(
      (length) => length % 29 === 0 && !borders.has(length),
    );
    const reports = await ingestAll(lengths.map((length) => all.subarray(0, length)));
    expect(reports.filter((report) => report.outcome !== 'refused')).toEqual([]);
    expect(await warehouse.votes()).toEqual([]);
    const [report] = await ingestAll([all]);
    expect(report).toMatchObject({ outcome: 'ingested', read: 41, accepted: 40 });
  });

  test('with any bit flipped is refused, or holds the same records', async () => {
    await ingestAll([whole]);
    const flips = fc.sample(fc.nat(whole.length * 8 - 1), { numRuns: 40 });
    const reports = await ingestAll(
      flips.map((bit) => {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return flipped;
      }),
    );
    for (const [index, report] of reports.entries()) {
      const isSame = report.duplicate === 40 && report.quarantined === 1 && report.read === 41;
      const isRefused = report.outcome === 'refused' && report.accepted === 0;
      expect(isSame || isRefused, `bit ${flips[index] ?? ''} flipped`).toBe(true);
    }
    expect(await warehouse.votes()).toHaveLength(40);
  });

  test('with something behind it is refused', async () => {
    const tails = [Buffer.alloc(1), Buffer.alloc(512), votes, whole.subarray(0, 3)];
    const reports = await ingestAll(tails.map((tail) => Buffer.concat([whole, tail])));
    expect(reports.map((report) => report.outcome)).toEqual(tails.map(() => 'refused'));
    expect(await warehouse.votes()).toEqual([]);
  });
});

test('a refused file leaves its quarantine, and counts the rest as refused; later files go on', async () => {
  const whole = gzipSync(votes);
  const [cut, good] = await ingestAll([whole.subarray(0, -1), gzipSync(fileOf([goodLine(99)]))]);
  expect(cut).toMatchObject({ outcome: 'refused', read: 41, quarantined: 1, refused: 40 });
  expect(good).toMatchObject({ outcome: 'ingested', accepted: 1 });
  expect(await warehouse.voteIds()).toEqual(['99']);
  expect(await warehouse.quarantine()).toMatchObject([{ line: 1, raw: 'bad', state: 'open' }]);
});

test('a file is refused and not loaded twice where it is repaired later', async () => {
  const whole = gzipSync(votes);
  await ingestAll([whole.subarray(0, -1)]);
  expect(await ingestAll([whole])).toMatchObject([{ outcome: 'ingested', accepted: 40 }]);
  expect(await ingestAll([whole])).toMatchObject([{ outcome: 'already_ingested' }]);
});
