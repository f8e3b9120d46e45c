import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { jaoCases } from '../src/jao/jao-cases.ts';
import { run } from '../src/run.ts';
import { votesCases } from '../src/votes/votes-cases.ts';

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
  { argv: ['joa'], says: "unknown command 'joa'" },
  { argv: ['votes', '--row', '5M'], says: "unknown option '--row'" },
  { argv: ['jao', '--rows', '5M'], says: "unknown option '--rows'" },
  { argv: ['jao', '--days', '1627'], says: 'bench: --days: expected an integer from 1 to 1626' },
  { argv: ['votes', 'extra'], says: 'too many arguments' },
  { argv: ['votes', '--rows', '5M', '--pairs', 'some'], says: 'bench: --pairs: expected' },
])('$argv is wrong usage', async ({ argv, says }) => {
  const { exitCode, stdout, stderr } = await runWith(...argv);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(says);
});

test.each([
  { dataset: 'votes', cases: votesCases, flag: '--rows' },
  { dataset: 'jao', cases: jaoCases, flag: '--days' },
])('the help of $dataset names all cases, and so does the README with all flags', async (of) => {
  const { exitCode, stdout } = await runWith(of.dataset, '--help');
  expect(exitCode).toBe(0);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  for (const { id } of of.cases) {
    expect(stdout).toMatch(new RegExp(`\\b${id}\\b`));
    expect(readme).toContain(`\`${id}\``);
  }
  const flags = [...new Set(stdout.match(/--[a-z-]+/g))];
  expect(flags).toContain(of.flag);
  for (const flag of flags) expect(readme).toContain(flag);
});

test('every case has an id of its own', () => {
  for (const cases of [votesCases, jaoCases]) {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  }
});

test('a signal ends the run before it starts a process', async () => {
  const { stdout, stderr } = { stdout: new PassThrough(), stderr: new PassThrough() };
  const signal = AbortSignal.abort(new Error('stopped'));
  const argv = ['votes', '--only', 'help'];
  await expect(run({ argv, stdout, stderr, signal })).rejects.toThrow('stopped');
});
