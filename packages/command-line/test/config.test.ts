import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { durationSchema, readConfig, wantsNoColor } from '../src/index.ts';
import type { ConfigSource } from '../src/index.ts';

const samples = {
  mode: z.enum(['slow', 'fast', 'off']).default('slow'),
  waitTime: durationSchema.prefault('10s'),
  limit: z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).optional(),
};

let folder: string;
let source: ConfigSource<{ mode: string; waitTime: number; limit?: number | undefined }>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  source = {
    settings: {
      mode: { flag: '--mode', variable: 'SAMPLE_MODE' },
      waitTime: { flag: '--max-wait', variable: 'SAMPLE_WAIT' },
      limit: { variable: 'SAMPLE_LIMIT' },
    },
    schema: z.strictObject(samples),
    defaultFile: join(folder, 'sample.config.json'),
    fileVariable: 'SAMPLE_CONFIG',
  };
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function writeSettings(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a setting', () => {
  test('is taken from a flag before the environment before the file before the default', async () => {
    const config = await writeSettings('a.json', { mode: 'off', waitTime: '3s', limit: 7 });
    const environment = { SAMPLE_MODE: 'fast', SAMPLE_WAIT: '2s' };
    expect(readConfig(source, { config, mode: 'slow' }, environment)).toEqual({
      mode: 'slow',
      waitTime: 2_000,
      limit: 7,
    });
    expect(readConfig(source, {}, {})).toEqual({ mode: 'slow', waitTime: 10_000 });
  });

  test('is given by the name of its flag, which need not be its own', () => {
    expect(readConfig(source, { maxWait: '1m', waitTime: '2m' }, {}).waitTime).toBe(60_000);
    expect(() => readConfig(source, { maxWait: '1' }, {})).toThrow(
      '--max-wait: "1" is no duration',
    );
  });

  test('without a flag is not given by an option that is called like it', () => {
    expect(readConfig(source, { limit: 20 }, {})).not.toHaveProperty('limit');
    expect(readConfig(source, {}, { SAMPLE_LIMIT: '5' }).limit).toBe(5);
  });

  test('is absent where its variable is empty', () => {
    expect(readConfig(source, {}, { SAMPLE_MODE: '' }).mode).toBe('slow');
  });

  test('is told by the name it was given under, with all other problems at once', async () => {
    const config = await writeSettings('a.json', { colour: 'blue', limit: 'many' });
    expect(() => readConfig(source, { config, mode: 'on' }, { SAMPLE_WAIT: 'long' })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(
          /^read configuration: --mode: .*; SAMPLE_WAIT: .*; limit in .*a\.json: must be a whole number; colour in .*a\.json: there is no such setting$/,
        ) as string,
      }),
    );
  });

  test.each([
    [{ mode: 'on' }, /mode in .*: must be slow, or fast, or off$/],
    [{ mode: 7 }, /mode in .*: must be slow, or fast, or off$/],
    [{ waitTime: null }, /waitTime in .*: must be a text or a number$/],
    [{ limit: ['1'] }, /limit in .*: must be a text or a number$/],
    [{ share: '0' }, /share in .*: must be at least 1$/],
    [{ share: '10' }, /share in .*: must be at most 9$/],
    [{ name: '' }, /name in .*: must not be empty$/],
    [{ name: 'abcdef' }, /name in .*: must have at most 5 characters$/],
  ])('is refused in plain words: %j', async (content, message) => {
    const config = await writeSettings('a.json', content);
    const wider = {
      ...source,
      schema: z.strictObject({
        ...samples,
        name: z.string().min(1).max(5).optional(),
        share: z.string().transform(Number).pipe(z.int().min(1).max(9)).optional(),
      }),
    };
    expect(() => readConfig(wider, { config }, {})).toThrow(message);
  });

  test('does not change once it is read', () => {
    expect(Object.isFrozen(readConfig(source, {}, {}))).toBe(true);
  });
});

describe('the file', () => {
  test('is the one of the default name, or the one that a flag or else the variable names', async () => {
    await writeSettings('sample.config.json', { mode: 'off' });
    const a = await writeSettings('a.json', { mode: 'fast' });
    const b = await writeSettings('b.json', { waitTime: '1s' });
    expect(readConfig(source, {}, {}).mode).toBe('off');
    expect(readConfig(source, {}, { SAMPLE_CONFIG: a }).mode).toBe('fast');
    expect(readConfig(source, { config: b }, { SAMPLE_CONFIG: a })).toMatchObject({
      mode: 'slow',
      waitTime: 1_000,
    });
  });

  test.each([
    ['', /: it is not JSON$/],
    ['{', /: it is not JSON/],
    ['{"mode": "secret",}', /: it is not JSON, from line 1 column 19 on$/],
    ['{"mode": secret}', /: it is not JSON$/],
    ['[]', /: it is not one JSON object$/],
    ['null', /: it is not one JSON object$/],
    ['"secret"', /: it is not one JSON object$/],
  ])('is refused where it is no object, unquoted: %j', async (content, message) => {
    const config = await writeSettings('a.json', content);
    expect(() => readConfig(source, { config }, {})).toThrow(
      /^read configuration file .*a\.json: /,
    );
    expect(() => readConfig(source, { config }, {})).toThrow(message);
  });

  test('is refused where it is a folder', () => {
    expect(() => readConfig(source, { config: folder }, {})).toThrow(/: it is a folder$/);
  });

  test('is refused where it was named and is not there', () => {
    expect(() => readConfig(source, {}, { SAMPLE_CONFIG: '/no/such.json' })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: 'read configuration file /no/such.json: there is no such file',
      }),
    );
  });
});

test.each([
  ['0ms', 0],
  ['1ms', 1],
  ['1.5s', 1_500],
  ['0.0004s', undefined],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['5', undefined],
  ['', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['5S', undefined],
  ['1m30s', undefined],
  ['Infinitys', undefined],
  ['1e3s', undefined],
])('the duration %j is %s', (text, durationMs) => {
  expect(durationSchema.safeParse(text).data).toBe(durationMs);
});

test.each([
  [{}, false],
  [{ NO_COLOR: '' }, false],
  [{ NO_COLOR: '1' }, true],
  [{ NO_COLOR: '0' }, true],
])('plain text is asked for by %j: %s', (environment, isAskedFor) => {
  expect(wantsNoColor(environment)).toBe(isAskedFor);
});
