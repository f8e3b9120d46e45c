import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';

import type { CommandCall } from '../src/index.ts';
import {
  addExamples,
  createProgram,
  formatOption,
  positiveNumber,
  readVersion,
  runProgram,
  wholeNumber,
} from '../src/program.ts';
import type { Action } from '../src/program.ts';
import { SampleProcess } from './sample-process.ts';

/** A program that prints nowhere but into `written`. */
function defineSample(written: string[] = []): (action: Action<undefined>) => Command {
  return (action) => {
    const program = createProgram({ name: 'sample', description: 'A sample.', version: '1.2.3' });
    program.configureOutput({
      writeOut: (text) => written.push(text),
      writeErr: (text) => written.push(text),
    });
    const list = program.command('list').addOption(formatOption(['table', 'json']));
    list
      .command('all')
      .argument('<name...>')
      .option('--limit <n>', 'how many', wholeNumber)
      .option('--at-most <n>', 'how many', positiveNumber)
      .action(action(() => Promise.reject(new Error('not loaded'))));
    addExamples(program, { list: ['list'], 'list all': ['list all a', 'list all a b'] });
    return program;
  };
}

async function run(
  args: readonly string[],
  written: string[] = [],
): Promise<{ exitCode: number; calls: CommandCall<undefined>[] }> {
  const calls: CommandCall<undefined>[] = [];
  const exitCode = await runProgram({
    define: defineSample(written),
    run: (call) => {
      calls.push(call);
      return Promise.resolve(3);
    },
    argv: ['node', 'sample', ...args],
  });
  return { exitCode, calls };
}

describe('a program', () => {
  test('runs the command that was called for, with its flags and arguments', async () => {
    const { exitCode, calls } = await run(['list', '--format', 'json', 'all', '--limit', '3', 'x']);
    expect(exitCode).toBe(3);
    expect(calls).toMatchObject([{ flags: { format: 'json', limit: 3 }, args: [['x']] }]);
  });

  test.each([
    [['--help'], 0, 'Usage: sample'],
    [['list', 'all', '--help'], 0, 'Examples:\n  sample list all a\n  sample list all a b\n'],
    [['--version'], 0, '1.2.3\n'],
    [['lsit'], 2, 'Did you mean list?'],
    [['list', 'all'], 2, "missing required argument 'name'"],
    [['list', 'all', 'x', '--fast'], 2, "unknown option '--fast'"],
    [['list', 'all', 'x', '--limit', '-1'], 2, 'It must be a whole number.'],
    [['list', 'all', 'x', '--at-most', '0'], 2, 'It must be above 0.'],
    [['list', '--format', 'csv', 'all', 'x'], 2, 'Allowed choices are table, json.'],
  ])('answers %j by itself, with %d', async (args, expected, text) => {
    const written: string[] = [];
    const { exitCode, calls } = await run(args, written);
    expect(exitCode).toBe(expected);
    expect(calls).toEqual([]);
    expect(written.join('')).toContain(text);
  });

  test('says nothing of a reader who leaves before the end of its help', async () => {
    const sample = new SampleProcess(['--help']);
    sample.child.stdout?.destroy();
    expect(await sample.ended).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('has no examples for a command that is not there', () => {
    const program = createProgram({ name: 'sample', description: '', version: '1.2.3' });
    expect(() => {
      addExamples(program, { 'list all': ['list all'] });
    }).toThrow(RangeError);
  });
});

test.each([
  ['{"version": "1.2.3"}', '1.2.3'],
  ['{"name": "a"}', undefined],
  ['{"version": 1}', undefined],
  ['null', undefined],
])('the version in %s is %s', async (manifest, version) => {
  const folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  try {
    const url = pathToFileURL(join(folder, 'package.json'));
    await writeFile(url, manifest);
    if (version === undefined) {
      expect(() => readVersion(url)).toThrow(TypeError);
    } else {
      expect(readVersion(url)).toBe(version);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
