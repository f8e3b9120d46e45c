import type { WarehouseStatus } from '@sluice/schemas';
import { zeroTotals } from '@sluice/schemas';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import {
  describeLostTail,
  readStatusFile,
  statusFilePath,
  writeStatusFile,
} from '../src/status-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

const runId = '019a1fd4-7fda-7a40-8da0-6da83bfbfeb1';
const status: WarehouseStatus = {
  schemaVersion: 1,
  dataset: 'votes',
  writtenAt: '2026-11-21T06:00:00.000Z',
  appVersion: '0.1.0',
  contractVersion: '1',
  warehouse: { file: 'w.db', sizeBytes: 4096 },
  contents: { rows: 10, unloadedRows: 2, runs: 3, files: 3, conflicts: 0 },
  totals: { ...zeroTotals, read: 12, accepted: 12 },
  runsByOutcome: { succeeded: 3, failed: 0, abandoned: 0 },
  filesByOutcome: { ingested: 3, already_ingested: 0, refused: 0, unloaded: 0 },
  openQuarantine: {
    entries: 0,
    oldestAt: null,
    byReason: {
      too_long: 0,
      bad_encoding: 0,
      not_json: 0,
      not_an_object: 0,
      duplicate_key: 0,
      missing_field: 0,
      wrong_type: 0,
      out_of_range: 0,
      bad_timestamp: 0,
    },
  },
  freshness: { newestVoteAt: null, lastSucceededAt: null },
  checks: [],
  runs: [
    {
      runId,
      command: 'ingest',
      outcome: 'succeeded',
      startedAt: '2026-11-21T05:59:00.000Z',
      endedAt: '2026-11-21T06:00:00.000Z',
      appVersion: '0.1.0',
      contractVersion: '1',
      error: null,
      totals: zeroTotals,
      files: [{ ...zeroTotals, path: 'lost.jsonl', sha256: 'abc', bytes: 1, outcome: 'ingested' }],
      drift: [],
    },
  ],
};

describe('the status file', () => {
  test('comes back as it was written, and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'w.db');
    expect(await readStatusFile(path)).toBeUndefined();
    await writeStatusFile(path, status);
    await writeStatusFile(path, status);
    expect(await readStatusFile(path)).toEqual(status);
    expect(await readdir(folder)).toEqual(['w.db.status.json']);
  });

  test('is read by a program that knows fewer of its members', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    await writeFile(statusFilePath(path), JSON.stringify({ ...status, later: true }));
    expect(await readStatusFile(path)).toEqual(status);
  });

  test.each([
    ['empty', ''],
    ['cut', '{'],
    ['null', 'null'],
    ['of a later version', JSON.stringify({ ...status, schemaVersion: 2 })],
  ])('that is %s is damaged, and the message says how to go on', async (_, text) => {
    const path = join(await temporaryFolder(), 'w.db');
    await writeFile(statusFilePath(path), text);
    const reading = readStatusFile(path);
    await expect(reading).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(reading).rejects.toThrow(statusFilePath(path));
  });

  test('is kept when the new one can not be written', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    await writeStatusFile(path, status);
    const before = await readFile(statusFilePath(path), 'utf8');
    const broken = { ...status, contents: { ...status.contents, rows: -1 } };
    await expect(writeStatusFile(path, broken)).rejects.toThrow();
    expect(await readFile(statusFilePath(path), 'utf8')).toBe(before);
  });
});

describe('describeLostTail', () => {
  const describeLoss = (change: Partial<WarehouseStatus['contents']>, runIds = [runId]) =>
    describeLostTail('w.db', status, {
      contents: { ...status.contents, ...change },
      runIds: new Set(runIds),
    });

  test.each([
    ['the same', {}],
    ['more rows', { rows: 11 }],
    ['fewer rows, which were unloaded since', { rows: 4, unloadedRows: 8 }],
    ['more runs', { runs: 4 }],
  ])('has nothing to say of a warehouse that holds %s', (_, change) => {
    expect(describeLoss(change)).toBeUndefined();
  });

  test.each([
    ['rows', { rows: 9 }, '1 rows'],
    ['runs', { runs: 1 }, '2 runs'],
    ['file entries', { files: 2 }, '1 file entries'],
  ])('names the %s that are missing', (_, change, expected) => {
    expect(describeLoss(change)).toContain(expected);
  });

  test('names the files of the runs that are gone', () => {
    expect(describeLoss({ runs: 2 }, [])).toContain('lost.jsonl (sha256 abc)');
  });
});
