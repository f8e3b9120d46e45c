import { FakeStream } from '@sluice/command-line/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { createLog } from '../src/log.ts';
import type { LogOptions } from '../src/log.ts';
import { fakeContext } from './fake-context.ts';

const runId = '0197c2a8-0000-7000-8000-000000000000';
const fields = { dataset: 'core/atc', url: 'postgres://host', nested: { password: 'secret' } };

async function logged(
  isTTY: boolean,
  options: Omit<LogOptions, 'runId'> = {},
  hasColor = false,
): Promise<string> {
  const context = fakeContext({ messages: new FakeStream({ isTTY }), hasColor });
  const log = await createLog(context, { runId, ...options });
  log.info(fields, 'database');
  log.child({ part: 1 }).warn('waiting');
  log.debug('nobody sees this');
  return context.said();
}

test('off a terminal a line is one JSON object, verbose or not, without secrets', async () => {
  for (const isVerbose of [true, false]) {
    const lines = (await logged(false, { isVerbose })).trimEnd().split('\n');
    expect(lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        runId,
        ...fields,
        nested: { password: '[Redacted]' },
        msg: 'database',
      },
      expect.objectContaining({ level: 'warn', runId, part: 1, msg: 'waiting' }),
    ]);
  }
});

test('on a terminal a line is one line', async () => {
  const lines = (await logged(true)).split('\n');
  expect(lines).toEqual([
    expect.stringMatching(
      /^\[?\d\d:\d\d:\d\d\]? INFO: database: dataset core\/atc, url postgres:\/\/host, nested \{"password":"\[Redacted\]"\}$/,
    ),
    expect.stringMatching(/^\[?\d\d:\d\d:\d\d\]? WARN: waiting: part 1$/),
    '',
  ]);
});

test('in colour only where the stream has it', async () => {
  expect(await logged(true)).not.toContain('\u001b');
  expect(await logged(true, {}, true)).toContain('\u001b[32mINFO');
});

test('verbose, a terminal gets each field on a line of its own', async () => {
  const said = await logged(true, { isVerbose: true });
  expect(said).toMatch(/INFO: database\n {4}dataset: "core\/atc"\n/);
});

test('lines go where they are printed, and are counted by level', async () => {
  const printed: string[] = [];
  const levels: string[] = [];
  const said = await logged(true, {
    print: (lines) => printed.push(lines),
    onMessage: (level) => levels.push(level),
  });
  expect(said).toBe('');
  expect(printed.map((lines) => lines.endsWith('\n'))).toEqual([true, true]);
  expect(levels).toEqual(['info', 'warn']);
});
