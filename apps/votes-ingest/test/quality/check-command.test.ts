import { checkReportSchema, qualityResultSchema } from '@sluice/schemas/expectations';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

import { checkCommand } from '../../src/quality/check-command.ts';
import type { CheckCommandOptions } from '../../src/quality/check-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const big = '9223372036854775807';
const lineOf = (id: number | string, type: number, day = '2021-09-01'): string =>
  `{"Id": ${id}, "PostId": 1, "VoteTypeId": ${type}, "CreationDate": "${day}"}`;
const odd = [lineOf(3, 99), lineOf(big, 98), lineOf(5, 5)];

let folder: string;
let loaded: LoadedWarehouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'votes-check-'));
  loaded = new LoadedWarehouse(folder);
  await loaded.load('votes.jsonl', [lineOf(1, 2), lineOf(2, 3), ...odd]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Checked {
  readonly exitCode: number;
  readonly printed: string;
  readonly said: string;
}

async function check(
  warehouse: LoadedWarehouse,
  options: Partial<CheckCommandOptions> = {},
  { settings, now }: { readonly settings?: object; readonly now?: string } = {},
): Promise<Checked> {
  const config = await warehouse.write('settings.json', [JSON.stringify(settings ?? {})]);
  // After all that the warehouse was loaded with, by the clock.
  const context = fakeContext(warehouse.path, {
    flags: { config },
    now: () => new Date(now ?? '2100-01-01T00:00:00Z'),
  });
  const exitCode = await checkCommand(context, { format: 'json', limit: 20, ...options });
  return { exitCode, printed: context.printed(), said: context.said() };
}

function reportOf({ printed }: Checked) {
  const document: unknown = JSON.parse(printed);
  return checkReportSchema.parse(document);
}

describe('check', () => {
  test('runs the whole suite as a run of the ledger, and keeps what it found', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = await loaded.copyTo(other);
      const checked = await check(warehouse);
      const report = reportOf(checked);
      expect(checked.exitCode).toBe(0);
      expect(report.outcome).toBe('succeeded');
      const short = report.results.filter(
        ({ outcome }) => outcome !== 'passed' && outcome !== 'skipped',
      );
      expect(short.map(({ checkId, outcome, failing }) => [checkId, outcome, failing])).toEqual([
        ['votes.type.known', 'warned', 2],
        ['votes.user.missing', 'warned', 1],
      ]);
      expect(report.results.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(3);
      expect(short[0]?.failingKeys).toEqual([{ Id: 3 }, { Id: big }].map((key) => ({ ...key })));
      expect(
        await warehouse.rows(
          `select command, run.outcome, count(*)::integer as n from ops.run
             join ops.check_result using (run_id) where command = 'check' group by all`,
        ),
      ).toMatchObject([{ command: 'check', outcome: 'succeeded', n: report.results.length }]);
      const status = await warehouse.status();
      const known = status.quality?.filter(({ checkId }) => checkId === 'votes.type.known');
      expect(known?.map(({ scope, outcome }) => [scope, outcome])).toEqual([
        [null, 'warned'],
        ['"FileId" = 1', 'warned'],
      ]);
      expect(status.runs[0]).toMatchObject({ command: 'check', outcome: 'succeeded' });
    });
  });

  test('exits with 3 where a check fails at the level error, and the run says so', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = await loaded.copyTo(other);
      const settings = { checks: { 'votes.type.known': { error: { percent: 39.9 } } } };
      const checked = await check(warehouse, {}, { settings });
      expect(checked.exitCode).toBe(3);
      expect(reportOf(checked).outcome).toBe('failed');
      expect((await warehouse.status()).runs[0]).toMatchObject({
        outcome: 'failed',
        error: '1 checks failed, 0 could not be evaluated',
      });
      const allowed = { checks: { 'votes.type.known': { error: { percent: 40 } } } };
      expect((await check(warehouse, {}, { settings: allowed })).exitCode).toBe(0);
    });
  });

  test('runs only the checks that were asked for, one by one or as a group', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = await loaded.copyTo(other);
      const idsOf = async (...ids: string[]) =>
        reportOf(await check(warehouse, { check: ids })).results.map(({ checkId }) => checkId);
      expect(await idsOf('votes.rows', 'votes.user.missing')).toEqual([
        'votes.rows',
        'votes.user.missing',
      ]);
      expect(await idsOf('votes.bounty')).toHaveLength(3);
      await expect(check(warehouse, { check: ['votes.typ'] })).rejects.toMatchObject({
        message: expect.stringContaining('there is no check "votes.typ"') as string,
        exitCode: 2,
      });
    });
  });

  test('prints a table, and CSV', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = await loaded.copyTo(other);
      const table = await check(warehouse, { format: 'table' });
      expect(table.printed).toContain('votes.type.known');
      expect(table.said).toContain('--keys');
      const csv = await check(warehouse, { format: 'csv' });
      expect(csv.printed.split('\n')[0]).toContain('runId,checkedAt,relation,scope,checkId');
    });
  });
});

describe('check --keys', () => {
  test('lists all rows that fail, and records nothing', async () => {
    const json = await check(loaded, { keys: true, check: ['votes.type.known'] });
    expect(JSON.parse(json.printed)).toEqual([
      { check: 'votes.type.known', Id: 3, FileId: 1, key: null },
      { check: 'votes.type.known', Id: big, FileId: 1, key: null },
    ]);
    const csv = await check(loaded, { keys: true, check: ['votes.type.known'], format: 'csv' });
    expect(csv.printed).toBe(
      `check,Id,FileId,key\nvotes.type.known,3,1,\nvotes.type.known,${big},1,\n`,
    );
    const table = await check(loaded, { keys: true, check: ['votes.user'], format: 'table' });
    expect(table.printed).toContain('votes.user.missing');
    expect(await loaded.rows(`select 1 as n from ops.run where command = 'check'`)).toEqual([]);
  });

  test('lists more of them than are kept, in bounded pieces', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = new LoadedWarehouse(other);
      const lines = Array.from({ length: 5_000 }, (_, index) => lineOf(index + 1, 99));
      await warehouse.load('votes.jsonl', lines);
      const json = await check(warehouse, { keys: true, check: ['votes.type.known'] });
      expect(JSON.parse(json.printed)).toHaveLength(5_000);
      const table = await check(warehouse, {
        keys: true,
        check: ['votes.type.known'],
        format: 'table',
      });
      expect(table.said).toContain('the first 1000');
    });
  });
});

describe('check', () => {
  test.each([
    [{ check: ['votes.file.rows', 'votes.rows'] }, 'votes.file.rows: it is run of each file'],
    [{ keys: true, check: ['votes.rows'] }, '--keys: votes.rows: it is about all rows together'],
    [{ keys: true, check: ['votes.file.volume'] }, 'votes.file.volume: it is run of each file'],
    [{ history: 'votes.rows', check: ['votes.user'] }, '--history votes.rows and --check'],
  ])('refuses %j, of which it would print nothing', async (options, message) => {
    await expect(check(loaded, options)).rejects.toMatchObject({
      message: expect.stringContaining(message) as string,
      exitCode: 2,
    });
  });
});

describe('check --history', () => {
  test('tells what was found before, newest first', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = await loaded.copyTo(other);
      await check(warehouse, {}, { now: '2026-01-01T00:00:00Z' });
      await warehouse.load('more.jsonl', [lineOf(7, 99)]);
      await check(warehouse, {}, { now: '2026-01-02T00:00:00Z' });
      const { printed } = await check(warehouse, { history: 'votes.type.known' });
      const trend = z
        .array(qualityResultSchema.omit({ failingKeys: true }))
        .parse(JSON.parse(printed));
      expect(trend.map(({ scope, failing }) => [scope, failing])).toEqual([
        [null, 3],
        [null, 2],
        ['"FileId" = 2', 1],
        ['"FileId" = 1', 2],
      ]);
      const newest = await check(warehouse, { history: 'votes.type.known', limit: 1 });
      expect(JSON.parse(newest.printed)).toHaveLength(2);
      const all = await check(warehouse, { history: true, format: 'table' });
      expect(all.printed).toContain('votes.file.rows');
      await expect(check(warehouse, { history: true, keys: true })).rejects.toMatchObject({
        exitCode: 2,
      });
    });
  });
});

describe('with a plan of arrivals', () => {
  const settings = { arrivals: { file: 'votes-{date}.jsonl', from: '2021-08-01' } };

  test('the newest vote, the days without votes and the votes of a day are judged', async () => {
    await withTemporaryFolder(async (other) => {
      const warehouse = new LoadedWarehouse(other);
      // 200 votes a day, but for one day without any, and the last with ten times as many.
      const lines: string[] = [];
      for (let day = 0; day < 62; day += 1) {
        const date = new Date(Date.UTC(2021, 7, 1 + day)).toISOString().slice(0, 10);
        const votes = day === 30 ? 0 : day === 61 ? 2_000 : 200;
        for (let vote = 0; vote < votes; vote += 1) {
          lines.push(lineOf(lines.length + 1, 2, date));
        }
      }
      await warehouse.load('votes.jsonl', lines);
      const resultsAt = async (now: string) => {
        const { results } = reportOf(await check(warehouse, {}, { settings, now }));
        return Object.fromEntries(results.map((result) => [result.checkId, result]));
      };
      const fresh = await resultsAt('2021-10-02T00:00:00Z');
      expect(fresh['votes.date.fresh']).toMatchObject({ outcome: 'passed' });
      expect(fresh['votes.date.gaps']).toMatchObject({
        outcome: 'failed',
        failing: 1,
        failingKeys: [{ CreationDate: '2021-08-31T00:00:00' }],
      });
      expect(fresh['votes.day.volume']).toMatchObject({
        outcome: 'warned',
        value: 2_000,
        period: { from: '2021-10-01', to: '2021-10-01' },
      });
      const keys = { keys: true, check: ['votes.date.gaps'] };
      const gap = await check(warehouse, keys, { settings, now: '2021-10-02T00:00:00Z' });
      expect(JSON.parse(gap.printed)).toEqual([
        {
          check: 'votes.date.gaps',
          Id: null,
          FileId: null,
          key: { CreationDate: '2021-08-31T00:00:00' },
        },
      ]);
      expect(gap.said).toBe('');
      const unplanned = await check(warehouse, keys);
      expect(JSON.parse(unplanned.printed)).toEqual([]);
      expect(unplanned.said).toContain('votes.date.gaps: skipped, as no files are expected');
      const stale = await resultsAt('2021-10-03T00:00:00Z');
      expect(stale['votes.date.fresh']).toMatchObject({ outcome: 'failed' });
    });
  });
});
