import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { votesCases } from '../src/cases/votes-cases.ts';
import { run } from '../src/run.ts';

async function runWith(...argv: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exitCode = await run({ argv, stdout, stderr, signal: new AbortController().signal });
  stdout.end();
  stderr.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

test.each([
  { argv: [], says: 'Usage: bench' },
  { argv: ['jao'], says: "unknown command 'jao'" },
  { argv: ['votes', '--row', '5M'], says: "unknown option '--row'" },
  { argv: ['votes', 'extra'], says: 'too many arguments' },
  { argv: ['votes', '--rows', '5M', '--pairs', 'some'], says: 'bench: --pairs: expected' },
])('$argv is wrong usage', async ({ argv, says }) => {
  const { exitCode, stdout, stderr } = await runWith(...argv);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(says);
});

test('the help names all cases, and so does the README with all flags', async () => {
  const { exitCode, stdout } = await runWith('votes', '--help');
  expect(exitCode).toBe(0);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  for (const { id } of votesCases) {
    expect(stdout).toMatch(new RegExp(`\\b${id}\\b`));
    expect(readme).toContain(`\`${id}\``);
  }
  const flags = [...new Set(stdout.match(/--[a-z-]+/g))];
  expect(flags).toContain('--rows');
  for (const flag of flags) expect(readme).toContain(flag);
});

test('every case has an id of its own', () => {
  const ids = votesCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a signal ends the run before it starts a process', async () => {
  const { stdout, stderr } = { stdout: new PassThrough(), stderr: new PassThrough() };
  const signal = AbortSignal.abort(new Error('stopped'));
  const argv = ['votes', '--only', 'help'];
  await expect(run({ argv, stdout, stderr, signal })).rejects.toThrow('stopped');
});
