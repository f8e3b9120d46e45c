import { findChromium, PageChecker } from '@sluice/page-check';
import { businessDayBounds } from '@sluice/schemas/jao';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { reportCommand } from '../../src/report/report-command.ts';
import type { ReportOptions } from '../../src/report/report-command.ts';
import { wholeDays } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { fakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
const hostile = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e\u0007';
const seen = hostile.replace('\u202e\u0007', String.raw`\u202e\u0007`);
const days = ['2026-03-08', '2026-03-09', '2026-03-10'];
const period = { from: '2026-03-08', to: '2026-03-11' };
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-report-'));
  const whole = wholeDays(contract, days, ['border_AT_DE', hostile]);
  const { startMs } = businessDayBounds(contract, '2026-03-10');
  const created = await createDatabaseWith(contract, {
    ...whole,
    versions: [
      ...whole.versions,
      {
        key: 'border_AT_DE',
        deliveryStartMs: startMs,
        knownFromMs: Date.parse('2026-03-12T08:00:00Z'),
        value: 77.5,
        withdrawn: false,
      },
    ],
    quarantine: [
      {
        day: '2026-03-10',
        key: hostile,
        deliveryStartMs: null,
        reason: hostile,
        createdMs: Date.parse('2026-03-12T09:00:00Z'),
        decidedMs: null,
      },
    ],
  });
  database = created.database;
  await created.owner.run(
    `update ops.run set started_at = '2026-03-12T07:30:00Z', ended_at = '2026-03-12T07:31:00Z',
       outcome = 'failed', error = $1`,
    [hostile],
  );
  for (const [day, checkedAt, outcome, value] of [
    ['2026-03-09', '2026-03-12T07:00:00Z', 'passed', 5],
    ['2026-03-10', '2026-03-12T07:00:00Z', 'failed', 9],
    ['2026-03-10', '2026-03-13T07:00:00Z', 'warned', 7],
    ['2026-02-01', '2026-03-13T07:00:00Z', 'failed', 8],
  ] as const) {
    await created.owner.run(
      `insert into ops.check_result (result_id, run_id, dataset, relation, check_id, kind, fingerprint, outcome,
         severity, observed, expected, value, message, duration_ms, checked_at, period_from, period_to)
       select gen_random_uuid(), run_id, $1, 'jao.latest', 'maxExchanges.example', 'range', 'x', $2,
         case $2 when 'warned' then 'warn' when 'failed' then 'error' end, $3::text, 'at most 1', $3::float8,
         $2 || ' for ' || $4, 1, $5, $4::date, $4::date
       from ops.run`,
      [contract.name, outcome, value, day, checkedAt],
    );
  }
  await created.owner.close();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function contextAs(role: 'reader' | 'metrics' | 'worker') {
  return fakeContext({
    flags: { databaseUrl: database.url(role) },
    now: () => new Date('2026-03-20T12:00:00Z'),
  });
}

async function report(
  options: Partial<ReportOptions> = {},
  context = contextAs('metrics'),
): Promise<string> {
  expect(await reportCommand(context, { out: '-', ...period, ...options })).toBe(0);
  return context.printed();
}

function verdictOf(page: string): string {
  const [, verdict = ''] = /class="verdict [a-z]+"\s*>(.*?)<\/p>/s.exec(page) ?? [];
  return verdict
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the page', () => {
  test('answers first: what of what is due is there, what is not, and why', async () => {
    const verdict = verdictOf(await report());
    expect(verdict).toContain(
      '× Falls short. The last run, test, failed at 2026-03-12 07:31 UTC (',
    );
    expect(verdict).toMatch(
      /; 144 of the 192 cells that are due are there \(75\.0 %\); 48 are not collected, most of all because: never asked for; 1 of 1 check did not pass\.$/,
    );
  });

  test('is as of a past time where that is asked for', async () => {
    const then = await report({ asOf: '2026-03-12T07:00:00Z' });
    expect(then).toContain('datetime="2026-03-12T07:00:00.000Z"');
    expect(then).toContain(
      'Nothing of 2026-03-08 to 2026-03-11 was changed after its first version.',
    );
    expect(then).toContain('Nothing of these days is held back.');
    expect(then).toContain('Nothing ran yet; start with: jao-scraper backfill');
    const now = await report();
    expect(now).toContain('77.5');
    expect(now).toMatch(/1 change after the first version/);
  });

  test.each(['metrics', 'worker'] as const)('has the runs for a %s', async (role) => {
    expect(await report({}, contextAs(role))).toContain('All 1 run, newest first');
  });

  test('says to a reader, who may not see runs, what to do, and shows the rest', async () => {
    const page = await report({}, contextAs('reader'));
    expect(page).toContain('This login may not read the ledger of runs.');
    expect(page).toContain('Coverage of core/maxExchanges');
    expect(verdictOf(page)).toMatch(/^× Falls short\. 144 of the 192 cells/);
  });

  test('has what checks found of its days, as it was known: the worst of it, and a trend', async () => {
    const now = await report();
    expect(now).toContain('warned for 2026-03-10');
    expect(now).not.toContain('failed for');
    expect(now).toContain('2 results since 2026-03-09: lowest 5, highest 7, last 7; 1 not passed');
    const then = await report({ asOf: '2026-03-12T12:00:00Z' });
    expect(then).toContain('failed for 2026-03-10');
    expect(await report({ from: '2026-03-08', to: '2026-03-08' })).toContain(
      'start with: jao-scraper check',
    );
  });

  test('of a dataset that was never asked for says how to begin', async () => {
    const page = await report({ dataset: ['core/netPos', 'core/maxExchanges'] });
    expect(page).toContain('start with: jao-scraper backfill --dataset core/netPos');
    expect(page).toContain('<title>core/netPos, core/maxExchanges · Sluice</title>');
  });
});

test('a file is written aside, and replaced only where that is asked for', async () => {
  const out = join(folder, 'mine.html');
  await writeFile(out, 'mine');
  await expect(report({ out })).rejects.toThrow('it exists; --overwrite replaces it');
  expect(await readFile(out, 'utf8')).toBe('mine');
  const context = contextAs('metrics');
  await report({ out, overwrite: true }, context);
  expect(context.said()).toMatch(/^jao-scraper: wrote \d+ bytes to .*mine\.html\n$/);
  expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/);
});

test.each([
  [{ out: 'march.parquet' }, 'its name must end in .html or .htm'],
  [{ from: '2026-03-10', to: '2026-03-01' }, 'is after --to'],
  [{ asOf: '2027-01-01T00:00:00Z' }, 'is still to come'],
  [{ dataset: ['core/none'] }, 'the catalogue has no'],
])('%j is wrong usage', async (options, message) => {
  const refused = report(options);
  await expect(refused).rejects.toMatchObject({ exitCode: 2 });
  await expect(refused).rejects.toThrow(message);
});

test.skipIf(findChromium() === undefined)(
  'in Chromium: nothing runs, is asked for or sticks out (skipped where there is none)',
  async () => {
    const out = join(folder, 'report.html');
    await report({ out });
    const checker = await PageChecker.open();
    try {
      const findings = await checker.check(out, {
        widthPixels: 320,
        scheme: 'light',
        unfolds: true,
      });
      expect(findings).toMatchObject({
        messages: [],
        requests: [],
        dialogs: [],
        active: [],
        violations: [],
        overflowPixels: 0,
      });
      expect(findings.text).toContain(seen);
      expect(findings.images.map(({ name }) => name).join('\n')).toMatch(
        /Coverage of core\/maxExchanges: 2 rows of series[\s\S]*Duration of each run[\s\S]*Cells of core\/maxExchanges that changed/,
      );
    } finally {
      await checker.close();
    }
  },
);
