import { checkOverridesSchema, configureSuite, voteSuite } from '@sluice/schemas/expectations';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { verifyWarehouse } from '../../src/verify/verify.ts';
import { runCli } from '../cli/cli-process.ts';
import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine } from '../ingest/vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  const report = await verifyWarehouse({
    warehouse: { path: warehouse.path, lockTimeoutMs: 0 },
    signal: new AbortController().signal,
    now: new Date(),
  });
  expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  await warehouse.remove();
});

const settings = { 'votes.type.known': { error: { count: 0 }, action: 'quarantine' } };
const { suite: checks } = configureSuite(voteSuite, checkOverridesSchema.parse(settings));

const odd = (id: number) => goodLine(id).replace('"VoteTypeId":"2"', '"VoteTypeId":"99"');
/** Not in canonical form, so that it takes the other way through the loader. */
const oddSpaced = (id: number) => odd(id).replaceAll('":', '" :');
const otherLine = (id: number) => goodLine(id).replace('"PostId":"7"', '"PostId":"8"');

const entries = () =>
  warehouse.rows(
    z.object({ line: z.int(), raw: z.string(), check: z.string().nullable(), message: z.string() }),
    `select line, raw, check_id as check, message from ops.quarantine
      where reason = 'failed_check' and state = 'open' order by file_id, line`,
  );

describe('rows that fail a check with the action quarantine', () => {
  test('leave the file for the quarantine, with their bytes, their lines and the check', async () => {
    const lines = ['bad', goodLine(1), odd(2), '', oddSpaced(3), goodLine(4), odd(5)];
    const path = await warehouse.place('votes.jsonl', fileOf(lines));
    const { report, exitCode } = await warehouse.ingest([path], { checks });
    expect(exitCode).toBe(3);
    expect(report.files).toMatchObject([
      { outcome: 'ingested', read: 6, accepted: 2, quarantined: 4, refused: 0 },
    ]);
    expect(await warehouse.voteIds()).toEqual(['1', '4']);
    const check = 'votes.type.known';
    const message = 'it fails the check votes.type.known';
    expect(await entries()).toEqual([
      { line: 3, raw: odd(2), check, message },
      { line: 5, raw: oddSpaced(3), check, message },
      { line: 7, raw: odd(5), check, message },
    ]);
    expect(report.checks).toMatchObject([
      { checkId: check, outcome: 'failed', action: 'quarantine', failing: 3 },
    ]);
    const kept = await warehouse.rows(
      z.object({ outcome: z.string(), failing: z.int() }),
      `select outcome, failing from ops.check_result where check_id = 'votes.type.known'`,
    );
    expect(kept).toEqual([{ outcome: 'failed', failing: 3 }]);
  });

  test('stay where a threshold allows them', async () => {
    const allowed = { 'votes.type.known': { error: { percent: 50 }, action: 'quarantine' } };
    const { suite } = configureSuite(voteSuite, checkOverridesSchema.parse(allowed));
    const file = await warehouse.ingestBytes(fileOf([goodLine(1), odd(2)]), { checks: suite });
    expect(file).toMatchObject({ accepted: 2, quarantined: 0 });
  });

  test('take nothing from an earlier file, under last', async () => {
    await warehouse.ingestBytes(fileOf([goodLine(1), goodLine(2)]), { name: 'a.jsonl' });
    const before = await warehouse.votes();
    const file = await warehouse.ingestBytes(fileOf([odd(1), goodLine(2), goodLine(3)]), {
      name: 'b.jsonl',
      checks,
    });
    expect(file).toMatchObject({ accepted: 1, duplicate: 1, conflicting: 0, quarantined: 1 });
    expect((await warehouse.votes()).slice(0, 2)).toEqual(before);
  });

  test('hide no other record of their Id, under first or last', async () => {
    const lines = [odd(1), goodLine(1), goodLine(2), odd(2), otherLine(2)];
    const first = await warehouse.ingestBytes(fileOf(lines), { checks, policy: 'first' });
    expect(first).toMatchObject({ accepted: 2, conflicting: 1, quarantined: 2 });
    expect((await entries()).map(({ line }) => line)).toEqual([1, 4]);
    const votes = await warehouse.votes();
    expect(votes.map(({ Id, PostId, VoteTypeId }) => [Id, PostId, VoteTypeId])).toEqual([
      ['1', '7', 2],
      ['2', '7', 2],
    ]);
  });

  test('are found at their lines also where conflicts within the file have moved the others', async () => {
    const lines = [goodLine(1), goodLine(2), otherLine(1), odd(3), goodLine(4), odd(5)];
    const file = await warehouse.ingestBytes(fileOf(lines), { checks });
    expect(file).toMatchObject({ read: 6, accepted: 3, conflicting: 1, quarantined: 2 });
    expect((await entries()).map(({ line, raw }) => [line, raw])).toEqual([
      [4, odd(3)],
      [6, odd(5)],
    ]);
  });

  test.each([
    ['gzip', 'votes.jsonl.gz', gzipSync(fileOf([odd(1), goodLine(2)])), odd(1)],
    [
      'XML',
      'votes.xml',
      fileOf([
        '<row Id="1" PostId="7" VoteTypeId="99" CreationDate="2021-01-01T00:00:00.000" />',
        '<row Id="2" PostId="7" VoteTypeId="2" CreationDate="2021-01-01T00:00:00.000" />',
      ]),
      '<row Id="1" PostId="7" VoteTypeId="99" CreationDate="2021-01-01T00:00:00.000" />',
    ],
  ])('leave a file of %s too, also as its first record', async (_, name, content, raw) => {
    const file = await warehouse.ingestBytes(content, { name, checks });
    expect(file).toMatchObject({ read: 2, accepted: 1, quarantined: 1 });
    expect(await entries()).toMatchObject([{ line: 1, raw }]);
    expect(await warehouse.voteIds()).toEqual(['2']);
  });

  test('count for --max-quarantined', async () => {
    const path = await warehouse.place('votes.jsonl', fileOf([odd(1), odd(2), goodLine(3)]));
    const { report } = await warehouse.ingest([path], { checks, maxQuarantined: '1' });
    expect(report.files).toMatchObject([
      { outcome: 'refused', read: 3, accepted: 0, quarantined: 2, refused: 1 },
    ]);
    expect(report.files[0]?.error).toContain('2 of 3 records are put aside');
  });

  test('refuse an input that can not be read again, and say what to do', async () => {
    await warehouse.ingestBytes(fileOf([goodLine(9)]));
    await warehouse.place('votes-ingest.config.json', JSON.stringify({ checks: settings }));
    const content = await warehouse.place('in.jsonl', fileOf([goodLine(1), odd(2)]));
    const { open } = await import('node:fs/promises');
    const pipe = await open(content);
    const child = ['ingest', '-', '--format', 'json'];
    const ended = await runCli(child, { cwd: warehouse.folder, stdin: pipe.fd });
    await pipe.close();
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/can not be read again|records are in quarantine/);
  });
});
