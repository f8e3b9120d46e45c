import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { votesStatusCollector } from '../../src/collectors/votes-status.ts';
import { Scraper } from '../../src/gather/scraper.ts';
import { sampleStatus } from '../sample-status.ts';
import { patientMs, readScrape } from '../scrape.ts';

let path: string;
let warehouse: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-status-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  warehouse = join(folder, 'warehouse.db');
  path = `${warehouse}.status.json`;
});

function scraperOf(...paths: readonly string[]) {
  const failures: string[] = [];
  const scraper = new Scraper(paths.map(votesStatusCollector), {
    onFailure: (name, error) => failures.push(`${name}: ${error}`),
  });
  const request = { format: 'text', isCompressed: false, timeoutMs: patientMs } as const;
  return async () => ({ ...readScrape(String(await scraper.scrape(request))), failures });
}

async function scrape(...paths: readonly string[]) {
  return scraperOf(...paths)();
}

describe('a status file', () => {
  test('is told as it was written, with the sizes of what lies beside it', async () => {
    await writeFile(path, JSON.stringify(sampleStatus));
    await writeFile(warehouse, 'x'.repeat(1000));
    await writeFile(`${warehouse}.wal`, 'x'.repeat(30));
    const { failed, valuesOf } = await scrape(path);
    expect(failed).toEqual([]);
    const of = `dataset=votes,warehouse=${warehouse}`;
    const job = `job_name=votes-ingest,warehouse=${warehouse}`;
    const seconds = (instant: string) => Date.parse(instant) / 1000;
    expect(
      Object.fromEntries(
        [
          'sluice_warehouse_file_bytes',
          'sluice_warehouse_wal_bytes',
          'sluice_warehouse_rows',
          'sluice_ingest_rows_read_total',
          'sluice_ingest_rows_unaccounted',
          'sluice_dataset_newest_record_timestamp_seconds',
          'sluice_quarantine_oldest_timestamp_seconds',
          'sluice_arrival_next_due_timestamp_seconds',
          'sluice_arrival_next_missing_timestamp_seconds',
        ].map((name) => [name, valuesOf(name)[of]]),
      ),
    ).toEqual({
      sluice_warehouse_file_bytes: 1000,
      sluice_warehouse_wal_bytes: 30,
      sluice_warehouse_rows: 12,
      sluice_ingest_rows_read_total: 20,
      sluice_ingest_rows_unaccounted: 0,
      sluice_dataset_newest_record_timestamp_seconds: seconds('2026-03-09T23:59:59.5Z'),
      sluice_quarantine_oldest_timestamp_seconds: seconds('2026-03-09T04:15:00Z'),
      sluice_arrival_next_due_timestamp_seconds: seconds('2026-03-11T02:00:00Z'),
      sluice_arrival_next_missing_timestamp_seconds: seconds('2026-03-11T06:00:00Z'),
    });
    expect(valuesOf('sluice_job_runs_total')).toEqual({ [job]: 3 });
    expect(valuesOf('sluice_job_last_duration_seconds')).toEqual({ [job]: 10 });
    expect(valuesOf('sluice_quarantine_rows')).toEqual({
      [`${of},reason=missing_field`]: 2,
      [`${of},reason=bad_date`]: 0,
    });
    expect(valuesOf('sluice_arrival_files')).toMatchObject({
      [`${of},state=present`]: 3,
      [`${of},state=not_provided`]: 1,
    });
    expect(valuesOf('sluice_check_passed')).toEqual({
      [`${of},check=ledger.balanced,scope=ledger,severity=warn`]: 1,
      [`${of},check=ledger.balanced,scope=ledger,severity=error`]: 1,
      [`${of},check=ledger.rows,scope=ledger,severity=warn`]: 0,
      [`${of},check=ledger.rows,scope=ledger,severity=error`]: 0,
      [`${of},check=votes.id.unique,scope=table,severity=warn`]: 1,
      [`${of},check=votes.id.unique,scope=table,severity=error`]: 1,
      [`${of},check=votes.id.unique,scope=file,severity=warn`]: 0,
      [`${of},check=votes.id.unique,scope=file,severity=error`]: 1,
    });
  });

  test('tells the parts of what was read, and their sum apart', async () => {
    await writeFile(path, JSON.stringify(sampleStatus));
    const { valuesOf } = await scrape(path);
    const of = `dataset=votes,warehouse=${warehouse}`;
    for (const name of ['sluice_ingest_rows_total', 'sluice_ingest_last_file_rows']) {
      expect(valuesOf(name)).toEqual({
        [`${of},outcome=accepted`]: 12,
        [`${of},outcome=duplicate`]: 3,
        [`${of},outcome=conflicting`]: 2,
        [`${of},outcome=quarantined`]: 2,
        [`${of},outcome=refused`]: 1,
      });
    }
  });

  test('is told anew whatever is written, in its place or into it', async () => {
    const scrapeAgain = scraperOf(path);
    const rowsOf = async () =>
      Object.values((await scrapeAgain()).valuesOf('sluice_warehouse_rows'));
    const withRows = (rows: number) =>
      JSON.stringify({ ...sampleStatus, contents: { ...sampleStatus.contents, rows } });
    await writeFile(path, withRows(12));
    expect([await rowsOf(), await rowsOf()]).toEqual([[12], [12]]);
    await writeFile(`${path}.new`, withRows(13));
    await rename(`${path}.new`, path);
    expect(await rowsOf()).toEqual([13]);
    await writeFile(path, withRows(14));
    expect(await rowsOf()).toEqual([14]);
    await writeFile(path, withRows(15).slice(0, -1));
    expect([await rowsOf(), await rowsOf()]).toEqual([[], []]);
    await writeFile(path, withRows(15));
    expect(await rowsOf()).toEqual([15]);
  });

  test('of an earlier app, without runs, checks and arrivals, tells what it has', async () => {
    const older = {
      ...sampleStatus,
      quality: undefined,
      arrivals: undefined,
      runs: [],
      checks: [],
      openQuarantine: { entries: 0, oldestAt: null, byReason: {} },
    };
    await writeFile(path, JSON.stringify(older));
    const { failed, valuesOf } = await scrape(path);
    expect(failed).toEqual([]);
    expect(valuesOf('sluice_warehouse_rows')).not.toEqual({});
    for (const name of [
      'sluice_job_last_start_timestamp_seconds',
      'sluice_arrival_files',
      'sluice_check_passed',
    ]) {
      expect(valuesOf(name)).toEqual({});
    }
  });
});

describe('a status file costs only its own collector where it', () => {
  const whole = JSON.stringify(sampleStatus);

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['is not there', () => Promise.resolve(), /ENOENT/],
    ['is a folder', () => mkdir(path), /not a regular file|EISDIR/],
    ['is torn', () => writeFile(path, whole.slice(0, -100)), /not JSON/],
    ['is empty', () => writeFile(path, ''), /not JSON/],
    ['is something else', () => writeFile(path, '[1, 2]'), /not a status file of version 1/],
    [
      'has another version',
      () => writeFile(path, JSON.stringify({ ...sampleStatus, schemaVersion: 2 })),
      /not a status file of version 1: schemaVersion/,
    ],
    [
      'is far too large',
      async () => {
        await writeFile(path, whole);
        await truncate(path, 6 * 2 ** 20 + 1);
      },
      /6291457 bytes, more than 6291456/,
    ],
    [
      'has a number that is none',
      () => writeFile(path, whole.replace('"rows":12', '"rows":1e999')),
      /contents.rows/,
    ],
    [
      'is a pipe that nobody writes to',
      () => promisify(execFile)('mkfifo', [path]),
      /not a regular file/,
    ],
  ])('%s', async (_, make, why) => {
    await make();
    const other = `${warehouse}-other.status.json`;
    await writeFile(other, whole);
    const { failed, failures, valuesOf } = await scrape(path, other);
    expect(failed).toEqual([`votes_status ${path}`]);
    expect(failures).toEqual([expect.stringMatching(why)]);
    expect(Object.keys(valuesOf('sluice_warehouse_rows'))).toEqual([
      `dataset=votes,warehouse=${warehouse}-other`,
    ]);
  });
});

describe('a hostile status file of nearly the largest size', () => {
  const nearlyAll = 6 * 2 ** 20 - 10_000;
  const repeat = (text: string) => text.repeat(Math.floor(nearlyAll / text.length));
  const withPart = (part: string) => `${JSON.stringify(sampleStatus).slice(0, -1)},${part}}`;

  test.each<[string, string, RegExp]>([
    ['is no JSON', repeat('x'), /not JSON/],
    ['has empty runs', withPart(`"runs":[${repeat('{},')}{}]`), /runs: Too big/],
    ['has checks that are numbers', withPart(`"checks":[${repeat('0,')}0]`), /checks: Too big/],
    [
      'has a key that is all of it',
      withPart(`"openQuarantine":{"entries":0,"oldestAt":null,"byReason":{"${repeat('x')}":-1}}`),
      /version 1: .{1,300}$/,
    ],
  ])('that %s is parsed once, and told of each time', async (_, text, why) => {
    await writeFile(path, text);
    const parse = vi.spyOn(JSON, 'parse');
    const scrapeAgain = scraperOf(path);
    await scrapeAgain();
    const { failed, failures } = await scrapeAgain();
    expect(failed).toEqual([`votes_status ${path}`]);
    expect(failures).toEqual([expect.stringMatching(why), failures[0]]);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  test.each<[string, string]>([
    ['lists', repeat('[')],
    ['objects', repeat('{"a":')],
    ['lists after a string with quotes', withPart(`"a":"\\"[","b":${repeat('[')}`)],
  ])('that is %s in each other is not parsed at all', async (_, text) => {
    await writeFile(path, text);
    const parse = vi.spyOn(JSON, 'parse');
    const { failures } = await scrape(path);
    expect(failures).toEqual([expect.stringMatching(/nested deeper than 20 levels/)]);
    expect(parse).not.toHaveBeenCalled();
  });

  test('is told where it is honest: brackets in words are none, and runs are many', async () => {
    const [run] = sampleStatus.runs;
    const [file] = run?.files ?? [];
    const refused = { ...file, path: `${'a/'.repeat(100)}[.jsonl`, error: '{'.repeat(200) };
    const runs = Array.from({ length: 50 }, () => ({
      ...run,
      files: Array.from({ length: 100 }, () => refused),
    }));
    await writeFile(path, JSON.stringify({ ...sampleStatus, runs }, undefined, 2));
    const { failures, valuesOf } = await scrape(path);
    expect(failures).toEqual([]);
    expect(Object.values(valuesOf('sluice_job_running'))).toEqual([0]);
  });
});
