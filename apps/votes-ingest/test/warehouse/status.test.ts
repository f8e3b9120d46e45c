import { exitCodes } from '@sluice/schemas';
import { WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine } from '../ingest/vote-source.ts';

let warehouse: CheckedWarehouse;
let statusPath: string;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
  statusPath = `${warehouse.path}.status.json`;
});

afterEach(async () => {
  await warehouse.remove();
});

const ingestIds = (...ids: readonly number[]) =>
  warehouse.ingestBytes(fileOf(ids.map((id) => goodLine(id))), { name: `${ids.join('-')}.jsonl` });

describe('the status file', () => {
  test('says after each run what the warehouse holds', async () => {
    await ingestIds(1, 2);
    await warehouse.ingestBytes(fileOf([goodLine(3), 'bad', 'bad']), { maxQuarantined: '1' });
    await ingestIds(1, 2);
    await ingestIds(2, 3);
    const status = await warehouse.status();
    expect(status).toMatchObject({
      contents: { rows: 3, unloadedRows: 0, runs: 4, files: 4, conflicts: 0 },
      totals: { read: 7, accepted: 3, duplicate: 1, conflicting: 0, quarantined: 2, refused: 1 },
      runsByOutcome: { succeeded: 3, failed: 1, abandoned: 0 },
      filesByOutcome: { ingested: 2, already_ingested: 1, refused: 1, unloaded: 0 },
      openQuarantine: { entries: 2, byReason: { not_json: 2, too_long: 0 } },
      freshness: { newestVoteAt: '2017-02-28T00:00:00.000000Z' },
    });
    expect(status.runs.map((run) => run.outcome)).toEqual([
      'succeeded',
      'succeeded',
      'failed',
      'succeeded',
    ]);
    expect(existsSync(`${statusPath}.tmp`)).toBe(false);
  });

  test('is written by a run that was stopped, which changed nothing', async () => {
    await ingestIds(1);
    const input = await warehouse.place('late.jsonl', fileOf([goodLine(2)]));
    const stop = new AbortController();
    const running = warehouse.ingest([input], { signal: stop.signal });
    stop.abort();
    const { report, exitCode } = await running;
    expect(report).toMatchObject({ outcome: 'failed', files: [] });
    expect(exitCode).toBe(exitCodes.failed);
    expect((await warehouse.status()).runs[0]).toMatchObject({
      outcome: 'failed',
      error: 'stopped by a signal after 0 of 1 files',
    });
    expect(await warehouse.voteIds()).toEqual(['1']);
  });

  test('is rebuilt where it was deleted, also by a run with nothing to do', async () => {
    await ingestIds(1, 2);
    const before = await warehouse.status();
    await rm(statusPath);
    await ingestIds(1, 2);
    const after = await warehouse.status();
    expect(after.contents).toEqual({ ...before.contents, runs: 2, files: 2 });
    expect(after.runs[1]).toEqual(before.runs[0]);
  });

  test('may be older than the warehouse, as after a death between commit and file', async () => {
    await ingestIds(1);
    const old = await readFile(statusPath);
    await ingestIds(2);
    await writeFile(statusPath, old);
    await ingestIds(3);
    expect((await warehouse.status()).contents).toMatchObject({ rows: 3, runs: 3 });
  });

  test('that holds something else is refused by its name, with the way out', async () => {
    await ingestIds(1);
    const others = ['', '{"schemaVersion": 1, "wri', '{}', 'null', Buffer.of(0xff, 0, 0xfe)];
    for (const content of others) {
      await writeFile(statusPath, content);
      const ingesting = ingestIds(2);
      await expect(ingesting).rejects.toMatchObject({ name: 'WarehouseError', code: 'DAMAGED' });
      await expect(ingesting).rejects.toThrow(statusPath);
      await expect(ingesting).rejects.toThrow('delete it');
    }
    await rm(statusPath);
    await ingestIds(2);
    expect(await warehouse.voteIds()).toEqual(['1', '2']);
    expect((await warehouse.status()).contents).toMatchObject({ rows: 2, runs: 2 });
  });

  test('of a later version is refused', async () => {
    await ingestIds(1);
    const status = await warehouse.status();
    await writeFile(statusPath, JSON.stringify({ ...status, schemaVersion: 2 }));
    await expect(ingestIds(2)).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  test('that is a folder is refused', async () => {
    await ingestIds(1);
    await rm(statusPath);
    await mkdir(statusPath);
    await expect(ingestIds(2)).rejects.toThrow(WarehouseError);
    await expect(ingestIds(2)).rejects.toThrow(statusPath);
  });
});

describe('a warehouse that has lost its tail', () => {
  test('is refused with what is missing, and left as it is', async () => {
    await ingestIds(1, 2);
    await copyFile(warehouse.path, `${warehouse.path}.old`);
    await ingestIds(3, 4, 5);
    const status = await readFile(statusPath);
    await copyFile(`${warehouse.path}.old`, warehouse.path);
    const old = await readFile(warehouse.path);
    const ingesting = ingestIds(6);
    await expect(ingesting).rejects.toMatchObject({ code: 'LOST_TAIL' });
    for (const words of ['3 rows', '1 runs', '3-4-5.jsonl', statusPath, 'ackup']) {
      await expect(ingesting).rejects.toThrow(words);
    }
    expect(await readFile(statusPath)).toEqual(status);
    expect((await readFile(warehouse.path)).equals(old)).toBe(true);
    await rm(statusPath);
    await ingestIds(3, 4, 5);
    expect(await warehouse.voteIds()).toEqual(['1', '2', '3', '4', '5']);
  });

  test('is refused where its file is gone', async () => {
    await ingestIds(1);
    await rm(warehouse.path);
    await expect(ingestIds(1)).rejects.toMatchObject({ code: 'LOST_TAIL' });
    expect(existsSync(warehouse.path)).toBe(false);
  });

  test('is refused where a new one stands in its place', async () => {
    await ingestIds(1, 2);
    const status = await readFile(statusPath);
    await rm(warehouse.path);
    await rm(statusPath);
    await ingestIds(1);
    await writeFile(statusPath, status);
    await expect(ingestIds(2)).rejects.toMatchObject({ code: 'LOST_TAIL' });
  });
});
