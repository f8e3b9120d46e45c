import { findChromium, PageChecker } from '@sluice/page-check';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { reportCommand } from '../../src/report/report-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const hostileName = `<img src=x onerror=alert(1)>".jsonl`;
const hostileLine = `</script><script>alert("raw")</script>\u202e\u0001"><svg onload=alert(2)>`;

let warehouse: LoadedWarehouse;

beforeAll(async () => {
  warehouse = new LoadedWarehouse(await mkdtemp(join(tmpdir(), 'votes-ingest-')));
  await warehouse.load('good.jsonl', voteLines(1, 20));
  await warehouse.load(hostileName, [voteLine(21), hostileLine]);
  // The same Id with another content, which is refused.
  await warehouse.load('refused.jsonl', [voteLine(1, 7)], 'fail');
});

afterAll(async () => {
  await rm(warehouse.folder, { recursive: true, force: true });
});

async function report(out: string, overwrite = false) {
  const context = fakeContext(warehouse.path);
  expect(await reportCommand(context, { out, overwrite })).toBe(0);
  return context;
}

test('the page answers first, and reports what fell short with exit code 0', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'report.html');
    const context = await report(out);
    expect(context.printed()).toBe('');
    expect(context.said()).toMatch(/^votes-ingest: wrote \d+ bytes to .*report\.html\n$/);
    const page = await readFile(out, 'utf8');
    const [, verdict = ''] = /class="verdict bad"\s*>(.*?)<\/p>/s.exec(page) ?? [];
    expect(verdict.replaceAll(/\s+/g, ' ')).toMatch(
      /The last run, ingest, failed at .* UTC \(1 files were refused\); 21 votes from 2022-05-04 to 2022-05-04 are there, on that one day; 1 file is refused; 1 record is held back, most often for not_json; each of \d+ checks passed\./,
    );
    expect(page).toContain('refused.jsonl');
    expect(page).toContain('ledger.balanced');
    expect(await readdir(folder)).toEqual(['report.html']);
  });
});

test('a file is replaced only where that is asked for', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'report.html');
    await writeFile(out, 'mine');
    await expect(report(out)).rejects.toThrow('report to');
    await expect(report(out)).rejects.toThrow('--overwrite replaces it');
    expect(await readFile(out, 'utf8')).toBe('mine');
    await report(out, true);
    expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/);
  });
});

test('- is standard output, and a name that is no page is refused as wrong usage', async () => {
  const context = await report('-');
  expect(context.printed()).toMatch(/^<!doctype html>.*<\/html>\s*$/s);
  expect(context.said()).toBe('');
  await expect(report('warehouse.db', true)).rejects.toMatchObject({
    exitCode: 2,
    message:
      'report to warehouse.db: its name must end in .html or .htm, or be - for standard output',
  });
});

test('the files that are expected are on the page, each with its state', async () => {
  const arrivals = { file: 'good-{date}.jsonl', from: '2022-05-03', until: '2022-05-04' };
  const config = await warehouse.write('settings.json', [JSON.stringify({ arrivals })]);
  const now = () => new Date('2022-05-06T00:00:00Z');
  const context = fakeContext(warehouse.path, { flags: { config }, now });
  await reportCommand(context, { out: '-' });
  const page = context.printed().replaceAll(/\s+/g, ' ');
  expect(page).toContain('Coverage of expected files');
  expect(page).toContain('0 of 2 files that are due are there (0 %); 2 are not collected');
  expect(page).toContain('nobody has looked since it was due');
});

test('without a warehouse it says how to begin', async () => {
  await withTemporaryFolder(async (folder) => {
    const context = fakeContext(join(folder, 'none.db'));
    await expect(reportCommand(context, { out: '-' })).rejects.toThrow('no such file');
  });
});

test('a warehouse that is older than checks has a report', async () => {
  await withTemporaryFolder(async (folder) => {
    const older = await warehouse.copyTo(folder);
    await older.run('drop table ops.check_failure', 'drop table ops.check_result');
    const context = fakeContext(older.path);
    expect(await reportCommand(context, { out: '-' })).toBe(0);
    expect(context.printed()).toContain('ledger.rows');
  });
});

test('the newest run of a check counts, by its worst part, and all before are its trend', async () => {
  await withTemporaryFolder(async (folder) => {
    const copy = await warehouse.copyTo(folder);
    const result = (run: number, at: string, outcome: string, value: string): string =>
      `insert into ops.check_result by name
         select uuid() as result_id, '01a1fd47-fda3-7a40-8da0-00000000000${run}'::uuid as run_id,
                'votes' as dataset, 'blog_analysis.votes' as relation, 'votes.example' as check_id,
                'range' as kind, 'x' as fingerprint, '${outcome}' as outcome, 'at most 1' as expected,
                ${value} as value, '${outcome} then' as message, 1.0 as duration_ms,
                '${at}'::timestamptz as checked_at`;
    await copy.run(
      result(1, '2026-01-01T00:00:00Z', 'failed', '7'),
      result(2, '2026-01-02T00:00:00Z', 'warned', '3'),
      result(2, '2026-01-02T00:00:01Z', 'passed', `'nan'::double`),
    );
    const context = fakeContext(copy.path);
    await reportCommand(context, { out: '-' });
    const page = context.printed();
    expect(page).toContain('warned then');
    expect(page).not.toContain('failed then');
    expect(page).toMatch(/2 results since 2026-01-01: lowest 3, highest 7, last 3; 2 not passed/);
  });
});

test.skipIf(findChromium() === undefined)(
  'in Chromium: nothing runs, is asked for or sticks out (skipped where there is none)',
  async () => {
    await withTemporaryFolder(async (folder) => {
      const out = join(folder, 'report.html');
      await report(out);
      const checker = await PageChecker.open();
      try {
        const findings = await checker.check(out, {
          widthPixels: 320,
          scheme: 'dark',
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
        expect(findings.text).toContain(hostileName);
        expect(findings.text).toContain(
          hostileLine.replace('\u202e\u0001', String.raw`\u202e\u0001`),
        );
      } finally {
        await checker.close();
      }
    });
  },
);
