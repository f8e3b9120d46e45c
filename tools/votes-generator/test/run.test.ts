import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectedTotals, generateVotes } from '../src/index.ts';
import { run } from '../src/run.ts';
import { joinChunks } from './naive-loader.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'votes-generator-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function runCommand(...argv: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([buffer(stdout), text(stderr)]);
  const { signal } = new AbortController();
  const exitCode = await run({ argv, stdout, stderr, signal });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { exitCode, stdout: out, stderr: err };
}

const fileOf = (rows: number) => joinChunks(generateVotes({ rows, seed: 1 }));

test('the file goes to the standard output, and nothing else does', async () => {
  const result = await runCommand('--rows', '20k');
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  expect(result.stdout.equals(fileOf(20_000))).toBe(true);
});

test('the totals go to the standard error as one line of JSON', async () => {
  const argv = ['--rows', '1000', '--bad', '10%', '--duplicates', '5%', '--totals'];
  const { exitCode, stderr } = await runCommand(...argv);
  expect(exitCode).toBe(0);
  expect(stderr.endsWith('}\n')).toBe(true);
  const share = 0.1 / 8;
  const badLines = {
    bad_encoding: share,
    not_json: share,
    not_an_object: share,
    duplicate_key: share,
    missing_field: share,
    wrong_type: share,
    out_of_range: share,
    bad_timestamp: share,
  };
  expect(JSON.parse(stderr)).toEqual(
    expectedTotals({ rows: 1000, seed: 1, duplicates: 0.05, badLines }),
  );
});

test('a file is written whole or not at all, over an older one', async () => {
  const path = join(folder, 'votes.jsonl');
  await writeFile(path, 'older');
  expect(await runCommand('--rows', '100', '--out', path)).toMatchObject({ exitCode: 0 });
  expect((await readFile(path)).equals(fileOf(100))).toBe(true);
  expect(await readdir(folder)).toEqual(['votes.jsonl']);
});

test.each([
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
] as const)(
  'with --compress %s the file decompresses to the same bytes',
  async (name, decompress) => {
    const { exitCode, stdout } = await runCommand('--rows', '5k', '--compress', name);
    expect(exitCode).toBe(0);
    expect(decompress(stdout).equals(fileOf(5000))).toBe(true);
  },
);

test('every flag reaches the generator', async () => {
  const path = join(folder, 'all.xml');
  const argv =
    `--rows 50 --seed 9 --first-row 10 --stream-rows 1k --first-id 500 --from 2020-01-01 --to 2020-02-01
    --order random --format xml --values string --duplicates 5% --conflicts 5% --bad not_json=5% --bad-at-end
    --unknown-types 5% --unknown-fields 5% --blank-lines 5% --crlf --bom --no-final-newline`.split(
      /\s+/,
    );
  expect(await runCommand(...argv, '--out', path)).toMatchObject({ exitCode: 0, stderr: '' });
  const expected = generateVotes({
    rows: 50,
    seed: 9,
    firstRow: 10,
    streamRows: 1000,
    firstId: 500,
    from: '2020-01-01',
    to: '2020-02-01',
    order: 'random',
    format: 'xml',
    duplicates: 0.05,
    conflicts: 0.05,
    badLines: { not_json: 0.05 },
    badAtEnd: true,
    unknownTypes: 0.05,
    unknownFields: 0.05,
    blankLines: 0.05,
    crlf: true,
    byteOrderMark: true,
    finalNewline: false,
  });
  expect((await readFile(path)).equals(joinChunks(expected))).toBe(true);
});

test('the help has examples and comes on the standard output', async () => {
  const { exitCode, stdout, stderr } = await runCommand('--help');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.toString()).toContain('Examples:');
});

test('every flag is in the README', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const help = (await runCommand('--help')).stdout.toString();
  const flags = help
    .match(/^ {2}(?:-\w, )?--[\w-]+/gm)
    ?.map((line) => line.replace(/.*(?=--)/, ''));
  expect(flags?.length).toBeGreaterThan(20);
  expect(flags?.filter((flag) => !readme.includes(`\`${flag}`))).toEqual([]);
});

test.each([
  ['no rows', [], '--rows'],
  ['an unknown flag', ['--rows', '1', '--colour'], '--colour'],
  ['an unknown choice', ['--rows', '1', '--order', 'none'], '--order'],
  ['an argument', ['--rows', '1', 'votes.jsonl'], 'argument'],
  ['a wrong count', ['--rows', 'x'], 'votes-generator: --rows: expected a count'],
  ['a wrong day', ['--rows', '1', '--from', 'today'], 'votes-generator: --from must be a day'],
  ['a stream too short', ['--rows', '1', '--first-row', '1M'], '--stream-rows is needed'],
  ['numbers in XML', ['--rows', '1', '--format', 'xml', '--values', 'number'], '--values must be'],
] as const)('%s is wrong usage: exit code 2 and no output', async (_, argv, message) => {
  const { exitCode, stdout, stderr } = await runCommand(...argv);
  expect({ exitCode, size: stdout.length }).toEqual({ exitCode: 2, size: 0 });
  expect(stderr).toContain(message);
});

test('a folder that is not there fails with what was tried', async () => {
  const path = join(folder, 'absent', 'votes.jsonl');
  const { exitCode, stderr } = await runCommand('--rows', '1', '--out', path);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`votes-generator: write ${path}: ENOENT`);
  expect(stderr.trim()).not.toContain('\n');
});

test('a run that is stopped leaves no file', async () => {
  const stop = new AbortController();
  const path = join(folder, 'stopped.jsonl');
  const argv = ['--rows', '100M', '--out', path];
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const running = run({ argv, stdout, stderr, signal: stop.signal });
  setImmediate(() => {
    stop.abort();
  });
  await expect(running).rejects.toThrow('aborted');
  expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual([]);
});

function startProcess(...argv: readonly string[]) {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  return spawn(process.execPath, ['--conditions=@sluice/source', main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a reader that has enough ends the process quietly', async () => {
  const child = startProcess('--rows', '1G');
  const errors = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(await errors).toBe('');
});

test('so does a reader of the help who leaves before its end', async () => {
  const child = startProcess('--help');
  const errors = text(child.stderr);
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(await errors).toBe('');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the process with %i', async (signal, exitCode) => {
  const child = startProcess('--rows', '1G');
  const errors = text(child.stderr);
  await once(child.stdout, 'data');
  child.kill(signal);
  child.stdout.resume();
  expect(await once(child, 'close')).toEqual([exitCode, null]);
  expect(await errors).toBe('');
});
