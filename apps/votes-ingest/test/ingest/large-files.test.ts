import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { ingest } from '../../src/ingest/ingest.ts';
import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

const rows = 450_000;
const largeBytes = 32 * 1024 * 1024;

/** Every kind of line between good ones, all over the file. */
const oddLines = [
  'no record',
  '',
  voteSource({ Id: '"1"', PostId: '"8"' }),
  voteSource({ Id: '9223372036854775807' }),
  voteSource({ Id: '"3000000"', Unknown: '"\\u00e9"' }),
  voteSource({ Id: '"3000001"', VoteTypeId: '"99"', BountyAmount: '"50"', UserId: '"-1"' }),
  voteSource({ PostId: '"0"' }),
  Buffer.from([0x7b, 0xff, 0x7d]),
  Buffer.alloc(1024 * 1024 + 1, 'x'),
  `${voteSource({ Id: '"3000002"' })}\r`,
];
const every = Math.floor(rows / oddLines.length);
const content = fileOf(
  Array.from({ length: rows }, (_, index) => [
    goodLine(index + 1),
    ...(index % every === every - 1 ? oddLines.slice(Math.floor(index / every)).slice(0, 1) : []),
  ]).flat(),
);

/** 4 kB that do not get smaller: hashes are random enough. */
function noiseOf(seed: number): string {
  return Array.from({ length: 64 }, (_, index) =>
    createHash('sha512').update(`${seed} ${index}`).digest('base64'),
  ).join('');
}

/** All that came of a file, but for what tells runs and files apart. */
async function storedIn(of: CheckedWarehouse) {
  const queries = [
    'select count(*) as n, bit_xor(hash(votes)) as rows from blog_analysis.votes',
    'from ops.accepted_lines order by all',
    'select * exclude (run_id, found_at) from ops.conflict order by all',
    'select * exclude (id, run_id, created_at) from ops.quarantine order by all',
    'select * exclude (run_id) from ops.drift order by all',
  ];
  const stored: string[] = [];
  for (const query of queries) {
    const rows = await of.rows(
      z.object({ row: z.string() }),
      `select to_json(t)::varchar as row from (${query}) as t`,
    );
    stored.push(...rows.map(({ row }) => row));
  }
  return stored;
}

test('a large file is loaded as a small one is: the same rows, lines, quarantine and counts', async () => {
  const small = gzipSync(content);
  expect(content.length).toBeGreaterThan(largeBytes);
  expect(small.length).toBeLessThan(largeBytes);
  const other = await CheckedWarehouse.create();
  try {
    const ofLarge = await warehouse.ingestBytes(content);
    const { sha256, bytes, ...counts } = await other.ingestBytes(small);
    expect(bytes).toBe(small.length);
    expect(ofLarge).toEqual({
      ...counts,
      path: ofLarge.path,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect(ofLarge.sha256).not.toBe(sha256);
    expect(ofLarge).toMatchObject({ accepted: rows + 4, conflicting: 1, quarantined: 4 });
    expect(await storedIn(warehouse)).toEqual(await storedIn(other));
  } finally {
    await other.remove();
  }
  const again = await warehouse.ingestBytes(content, { name: 'again.jsonl' });
  expect(again).toMatchObject({ outcome: 'already_ingested' });
});

test('a run that is told to stop while a large file is read keeps nothing of it', async () => {
  const path = await warehouse.place('votes.jsonl', content);
  const stop = new AbortController();
  const { report } = await ingest({
    inputs: [path],
    warehouse: { path: warehouse.path, lockTimeoutMs: 0 },
    policy: 'last',
    gate: undefined,
    signal: stop.signal,
    now: () => new Date(),
    onBytesRead: () => {
      stop.abort();
    },
  });
  expect(report).toMatchObject({ outcome: 'failed', files: [] });
  expect(report.error).toContain('stopped by a signal after 0 of 1 files');
  expect(await warehouse.voteIds()).toEqual([]);
});

test('a large file that is none of votes is refused, and known by all its bytes', async () => {
  const foreign = Buffer.alloc(largeBytes, 'no,record\n');
  const report = await warehouse.ingestBytes(foreign, { name: 'votes.csv' });
  expect(report).toMatchObject({
    outcome: 'refused',
    bytes: foreign.length,
    sha256: createHash('sha256').update(foreign).digest('hex'),
  });
  expect(report.error).toContain('it is no file of votes');
});

test('a large file that is cut is refused with what was read of it', async () => {
  const noise = fileOf(
    Array.from({ length: 9_000 }, (_, index) =>
      voteSource({ Id: String(index + 1), Noise: JSON.stringify(noiseOf(index)) }),
    ),
  );
  const whole = gzipSync(noise, { level: 1 });
  expect(whole.length).toBeGreaterThan(largeBytes);
  const report = await warehouse.ingestBytes(whole.subarray(0, -100_000), { name: 'v.jsonl.gz' });
  expect(report).toMatchObject({ outcome: 'refused', accepted: 0 });
  expect(report.error).toContain('gzip data is cut or corrupt');
  expect(report.read).toBeGreaterThan(8_000);
});
