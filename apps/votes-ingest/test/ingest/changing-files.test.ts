import { createHash } from 'node:crypto';
import { appendFile, rename, truncate } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { ingest } from '../../src/ingest/ingest.ts';
import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

/** More than three blocks, of which two are read ahead. */
const rows = 200_000;
const content = fileOf(Array.from({ length: rows }, (_, index) => goodLine(index + 1)));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Ingests a file to which something happens once its first block is read. */
async function ingestWhile(path: string, change: () => Promise<void>) {
  let changing: Promise<void> | undefined;
  const { report } = await ingest({
    inputs: [path],
    warehouse: { path: warehouse.path, lockTimeoutMs: 0 },
    policy: 'last',
    gate: undefined,
    signal: new AbortController().signal,
    now: () => new Date(),
    onBytesRead: () => {
      changing ??= change();
    },
  });
  await changing;
  return report.files[0];
}

test('a file that grows is known by the bytes that were loaded', async () => {
  const path = await warehouse.place('votes.jsonl', content);
  const tail = fileOf([goodLine(rows + 1)]);
  const report = await ingestWhile(path, () => appendFile(path, tail));
  const grown = Buffer.concat([content, tail]);
  const [hash, accepted] =
    report?.bytes === content.length ? [sha256(content), rows] : [sha256(grown), rows + 1];
  expect(report).toMatchObject({ outcome: 'ingested', sha256: hash, accepted });
  const { report: next } = await warehouse.ingest([path]);
  expect(next.totals.accepted).toBe(rows + 1 - accepted);
});

test('a file that shrinks is loaded as far as it could be read, and what was cut is put aside', async () => {
  const path = await warehouse.place('votes.jsonl', content);
  const cutAt = content.length - 40;
  const report = await ingestWhile(path, () => truncate(path, cutAt));
  expect(report).toMatchObject({
    outcome: 'ingested',
    bytes: cutAt,
    sha256: sha256(content.subarray(0, cutAt)),
    accepted: rows - 1,
    quarantined: 1,
  });
});

test('a file that is replaced is loaded as it was when it was opened', async () => {
  const path = await warehouse.place('votes.jsonl', content);
  const other = await warehouse.place('other', fileOf([goodLine(rows + 1)]));
  const report = await ingestWhile(path, () => rename(other, path));
  expect(report).toMatchObject({ sha256: sha256(content), accepted: rows });
  const { report: next } = await warehouse.ingest([path]);
  expect(next.totals).toMatchObject({ read: 1, accepted: 1 });
});
