import { ingestReportSchema, quarantineEntrySchema } from '@sluice/schemas';
import { existsSync } from 'node:fs';
import { mkdir, open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from '../ingest/vote-source.ts';
import { CliProcess, runCli } from './cli-process.ts';

let warehouse: CheckedWarehouse;
let cwd: string;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
  cwd = warehouse.folder;
});

afterEach(async () => {
  await warehouse.remove();
});

const votes = fileOf([goodLine(1), goodLine(2), 'bad']);
const escape = '\u001B';

describe('the exit code and the document', () => {
  test('0: all was done, and the document is all of standard output', async () => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(['ingest', 'votes.jsonl', '--format', 'json'], { cwd });
    expect(ended).toMatchObject({ exitCode: 0, signal: null });
    const document: unknown = JSON.parse(ended.stdout);
    expect(ingestReportSchema.parse(document)).toEqual(document);
    expect(document).toMatchObject({
      outcome: 'succeeded',
      totals: { accepted: 2, quarantined: 1 },
    });
    expect(ended.stderr).toContain('1 of 3 records are in quarantine');
    expect(ended.stdout + ended.stderr).not.toContain(escape);
  });

  test('1: a file that is not there, and nothing was changed', async () => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(['ingest', 'votes.jsonl', 'mising.jsonl'], { cwd });
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^votes-ingest: .*mising\.jsonl.*\n$/);
    await expect(warehouse.votes()).rejects.toMatchObject({ code: 'MISSING' });
  });

  test('1: a warehouse that is none, which is left as it is', async () => {
    await warehouse.place('votes.jsonl', votes);
    await warehouse.place('warehouse.db', 'this is no database, and it is precious\n'.repeat(500));
    const ended = await runCli(['ingest', 'votes.jsonl'], { cwd });
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain('warehouse.db');
    expect(ended.stderr.split('\n')).toHaveLength(2);
  });

  test('3: a refused file, in the document, in words, and not in the table', async () => {
    await warehouse.place('good.jsonl', votes);
    await warehouse.place('bad.csv', 'a,b\n1,2\n');
    await mkdir(join(cwd, 'in'));
    await symlink('self.jsonl', join(cwd, 'in', 'self.jsonl'));
    const args = ['ingest', 'bad.csv', 'in', 'good.jsonl', '--format', 'json'];
    const ended = await runCli(args, { cwd });
    expect(ended.exitCode).toBe(3);
    const document = ingestReportSchema.parse(JSON.parse(ended.stdout));
    expect(document.files.map((file) => file.outcome)).toEqual(['refused', 'refused', 'ingested']);
    expect(document.files[1]?.error).toContain('ELOOP');
    expect(ended.stderr).toContain('bad.csv was refused, nothing of it was loaded');
    expect(await warehouse.voteIds()).toEqual(['1', '2']);
  });

  test('1: a warehouse in a folder that is not there', async () => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(['ingest', 'votes.jsonl', '--warehouse', 'no/w.db'], { cwd });
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain('there is no folder no; make it');
  });

  test('0: a warehouse whose name DuckDB would take for an extension to download', async () => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(['ingest', 'votes.jsonl', '--warehouse', 'md:w.db'], { cwd });
    expect(ended.exitCode).toBe(0);
    expect(existsSync(join(cwd, 'md:w.db'))).toBe(true);
  });

  test.each([
    [
      'a warehouse that is called like a schema in it',
      ['ingest', 'votes.jsonl', '--warehouse', 'OPS.v2.db'],
    ],
    ['no file', ['ingest']],
    ['an unknown option', ['ingest', 'votes.jsonl', '--fast']],
    ['an unknown format', ['ingest', 'votes.jsonl', '--format', 'xml']],
  ])('2: wrong usage, with %s', async (_, args) => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(args, { cwd });
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).not.toBe('');
    await expect(warehouse.votes()).rejects.toMatchObject({ code: 'MISSING' });
  });
});

describe('the configuration', () => {
  test('has all its problems in one message, each by the name it was given under', async () => {
    await warehouse.place('votes.jsonl', votes);
    await warehouse.place(
      'votes-ingest.config.json',
      JSON.stringify({ maxQuarantined: 'many', tempDirectory: '', colour: 'blue', publish: 3 }),
    );
    const ended = await runCli(
      [
        'ingest',
        'votes.jsonl',
        '--lock-timeout',
        'soon',
        '--threads',
        '0x2',
        '--on-conflict',
        'no',
      ],
      { cwd, environment: { SLUICE_MEMORY_LIMIT: 'big', SLUICE_WAREHOUSE: 'other.db' } },
    );
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    for (const name of [
      '--lock-timeout',
      '--threads',
      '--on-conflict',
      'SLUICE_MEMORY_LIMIT',
      'maxQuarantined in votes-ingest.config.json',
      'tempDirectory in votes-ingest.config.json',
      'colour in votes-ingest.config.json',
    ]) {
      expect(ended.stderr).toContain(name);
    }
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('the process', () => {
  test('names who holds the warehouse when its time to wait is over', async () => {
    await warehouse.place('votes.jsonl', votes);
    await warehouse.place('refused.jsonl', 'a,b,c');
    const holder = new CliProcess(['ingest', 'votes.jsonl', 'refused.jsonl', '-'], { cwd });
    await holder.hasSaid('refused.jsonl was refused');
    const second = await runCli(['ingest', 'votes.jsonl', '--lock-timeout', '300ms'], { cwd });
    expect(second).toMatchObject({ exitCode: 4, stdout: '' });
    expect(second.stderr).toContain(String(holder.child.pid));
    holder.child.stdin?.end(goodLine(3));
    expect((await holder.ended).exitCode).toBe(3);
    expect(await warehouse.voteIds()).toEqual(['1', '2', '3']);
  });

  test('waits for the warehouse, and goes on when it is free', async () => {
    await warehouse.place('refused.jsonl', 'a,b,c');
    await warehouse.place('votes.jsonl', votes);
    const holder = new CliProcess(['ingest', 'refused.jsonl', '-'], { cwd });
    await holder.hasSaid('refused.jsonl was refused');
    const second = new CliProcess(['ingest', 'votes.jsonl'], { cwd });
    await second.hasSaid('waiting for it');
    holder.child.stdin?.end(goodLine(3));
    expect((await second.ended).exitCode).toBe(0);
    expect(await warehouse.voteIds()).toEqual(['1', '2', '3']);
  });

  test('ends on SIGINT with 130', async () => {
    await warehouse.place('refused.jsonl', 'a,b,c');
    const cli = new CliProcess(['ingest', 'refused.jsonl', '-'], { cwd });
    await cli.hasSaid('refused.jsonl was refused');
    cli.child.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ exitCode: 130, signal: null });
    expect((await warehouse.status()).runs[0]?.outcome).toBe('failed');
  });

  test('does its work where nobody reads its result', async () => {
    await warehouse.place('votes.jsonl', votes);
    const cli = new CliProcess(['ingest', 'votes.jsonl', '--format', 'json'], { cwd });
    cli.child.stdout?.destroy();
    cli.child.stderr?.destroy();
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
    expect(await warehouse.voteIds()).toEqual(['1', '2']);
  });

  test('stores time stamps in UTC, in whatever zone it runs', async () => {
    const texts = [
      '2022-03-27T02:30:00',
      '2022-05-04T23:30:00-05:00',
      '2022-11-06',
      '1969-07-20T20:17:40.5Z',
    ];
    for (const [index, zone] of ['America/New_York', 'Asia/Kathmandu'].entries()) {
      const lines = texts.map((text, each) =>
        voteSource({ Id: String(10 * index + each + 1), CreationDate: `"${text}"` }),
      );
      const { exitCode } = await runCli(['ingest', '-'], {
        cwd,
        environment: { TZ: zone },
        input: fileOf(lines),
      });
      expect(exitCode).toBe(0);
    }
    const stored = (await warehouse.votes()).map((vote) => vote.CreationDate);
    const expected = [
      '2022-03-27 02:30:00',
      '2022-05-05 04:30:00',
      '2022-11-06 00:00:00',
      '1969-07-20 20:17:40.5',
    ];
    expect(stored).toEqual([...expected, ...expected]);
  });
});

describe('what is said', () => {
  test('has no control character out of a name or a line, and no line too many', async () => {
    const name = `a\n${escape}[31mvotes-ingest: all is well\r.jsonl`;
    await warehouse.place(name, fileOf(['a,b', `${escape}[2J`]));
    const ended = await runCli(['ingest', name], { cwd });
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout + ended.stderr).not.toContain(escape);
    expect(ended.stderr).not.toContain('\nvotes-ingest: all is well');
    expect(ended.stderr).not.toContain('\r');
    const missing = await runCli(['ingest', `${escape}[31m\nno.jsonl`], { cwd });
    expect(missing.stderr).not.toContain(escape);
    expect(missing.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('names a few of many unknown fields, and the document all that are counted', async () => {
    const fields = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`k${index}`, '1'] as const),
    );
    const ended = await runCli(['ingest', '-', '--format', 'json'], {
      cwd,
      input: voteSource({ ...fields, VoteTypeId: '13' }),
    });
    expect(ended.exitCode).toBe(0);
    expect(ingestReportSchema.parse(JSON.parse(ended.stdout)).drift).toHaveLength(1_002);
    const warnings = ended.stderr.split('\n').filter((line) => line.includes('warning'));
    expect(warnings.length).toBeLessThan(30);
    expect(ended.stderr).toContain('unknown vote type "13"');
  });

  test('of the quarantine is byte for byte what stood in the file', async () => {
    const lines = ['\uFEFF{}', 'a\0b', `${escape}[2J`, '"\u2028', Buffer.of(0xff, 0x41)];
    const input = fileOf([goodLine(1), ...lines]);
    await runCli(['ingest', '-'], { cwd, input });
    const ended = await runCli(['quarantine', '--format', 'json'], { cwd });
    const entries = z.array(quarantineEntrySchema).parse(JSON.parse(ended.stdout));
    const found = entries.map(({ raw, rawBase64 }) =>
      raw === undefined ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw),
    );
    expect(found).toEqual(lines.map((line) => Buffer.from(line)));
  });
});

describe('--help', () => {
  const refuseNative = `process.dlopen = () => { throw new Error('a native module is loaded') }`;
  const nodeFlags = ['--import', `data:text/javascript,${encodeURIComponent(refuseNative)}`];

  test.each([
    ['of the program', ['--help']],
    ['of ingest', ['ingest', '--help']],
    ['of a command within a command', ['quarantine', 'replay', '--help']],
    ['by the name of the version', ['--version']],
  ])('%s loads no native module', async (_, args) => {
    const ended = await runCli(args, { cwd, nodeFlags });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).not.toBe('');
  });

  test('is told from a command, which does load one', async () => {
    await warehouse.place('votes.jsonl', votes);
    const ended = await runCli(['ingest', 'votes.jsonl'], { cwd, nodeFlags });
    expect(ended.stderr).toContain('a native module is loaded');
  });
});

test.runIf(existsSync('/dev/full'))(
  'a result that can not be written ends with 3, in one line, and what was done stays done',
  async () => {
    await warehouse.place('votes.jsonl', votes);
    const full = await open('/dev/full', 'w');
    const ended = await runCli(['ingest', 'votes.jsonl'], { cwd, stdout: full.fd });
    await full.close();
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('no space left on device');
    expect(ended.stderr).not.toContain('    at ');
  },
);
