import { readConfig } from '@sluice/command-line';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { configSource } from '../src/config.ts';

const read = (flags: Readonly<Record<string, unknown>>, environment: Record<string, string> = {}) =>
  readConfig(configSource, flags, environment);

test('without any setting it listens on loopback, and tells of nothing', () => {
  expect(read({})).toEqual({
    host: '127.0.0.1',
    port: 9464,
    votesStatus: [],
    jobIntervals: [],
    maxSeries: 500,
    maxScrapes: 40,
    revision: 'unknown',
  });
});

test('a flag comes before its variable, by the name that commander gives it', () => {
  const environment = { METRICS_PORT: '1', METRICS_WEB_CONFIG_FILE: 'a.yml', VOTES_STATUS: 'a, b' };
  expect(read({}, environment)).toMatchObject({
    port: 1,
    webConfigFile: 'a.yml',
    votesStatus: ['a', 'b'],
  });
  const flags = { port: '2', 'web.config.file': 'b.yml', votesStatus: ['a, b', 'c'] };
  expect(read(flags, environment)).toMatchObject({
    port: 2,
    webConfigFile: 'b.yml',
    votesStatus: ['a, b', 'c'],
  });
});

test.each<[string, unknown]>([
  ['a flag that is repeated', ['votes-ingest=24h', 'jao-scraper backfill=90m']],
  ['one text', ' votes-ingest=24h, jao-scraper backfill = 90m,'],
])('how often jobs are to run comes as %s', (_, jobInterval) => {
  expect(read({ jobInterval }).jobIntervals).toEqual([
    { jobName: 'votes-ingest', intervalMs: 86_400_000 },
    { jobName: 'jao-scraper backfill', intervalMs: 5_400_000 },
  ]);
});

test('how often jobs are to run comes as an object of the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.json');
  await writeFile(path, '{"jobIntervals":{"votes-ingest":"24h"}}');
  expect(read({}, { METRICS_CONFIG: path }).jobIntervals).toEqual([
    { jobName: 'votes-ingest', intervalMs: 86_400_000 },
  ]);
});

describe('a status file that is named by its path and by a link', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-links-'));
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'linked'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const readPaths = (...names: readonly string[]) =>
    read({ votesStatus: names.map((name) => join(folder, name)) }, {});

  test('to itself is named twice', async () => {
    await writeFile(join(folder, 'a.status.json'), '{}');
    await symlink('a.status.json', join(folder, 'b.status.json'));
    expect(() => readPaths('a.status.json', 'b.status.json')).toThrow(
      /b\.status\.json is named twice/,
    );
  });

  test('to its folder is named twice, also before it is written', async () => {
    const names = ['real/a.status.json', 'linked/a.status.json'] as const;
    expect(() => readPaths(...names)).toThrow(/linked\/a\.status\.json is named twice/);
    await writeFile(join(folder, names[0]), '{}');
    expect(() => readPaths(...names)).toThrow(/linked\/a\.status\.json is named twice/);
  });

  test('to another one is another one', () => {
    expect(readPaths('real/a.status.json', 'linked/b.status.json').votesStatus).toHaveLength(2);
  });
});

describe('what is wrong is refused by its own name', () => {
  test.each([
    [{ METRICS_PORT: '65536' }, 'METRICS_PORT: must be a whole number from 0 to 65535'],
    [{ METRICS_MAX_SCRAPES: '0' }, 'METRICS_MAX_SCRAPES: must be a whole number from 1 to 10000'],
    [
      { METRICS_JOB_INTERVALS: 'a=24h,b' },
      'METRICS_JOB_INTERVALS: "b" is no job with its interval',
    ],
    [{ METRICS_JOB_INTERVALS: 'a=10ms' }, 'METRICS_JOB_INTERVALS: "a=10ms" is no job'],
    [{ METRICS_JOB_INTERVALS: 'a=1h,a=2h' }, 'METRICS_JOB_INTERVALS: must name each job once'],
    [{ VOTES_STATUS: 'a,b,a' }, 'VOTES_STATUS: must name each file once: a is named twice'],
    [
      { VOTES_STATUS: `a,${resolve('a')}` },
      `VOTES_STATUS: must name each file once: ${resolve('a')} is named twice`,
    ],
    [{ VOTES_STATUS: 'a,./b/../a' }, 'must name each file once: ./b/../a is named twice'],
    [{ METRICS_MAX_SERIES: 'all' }, 'METRICS_MAX_SERIES: must be a whole number'],
    [{ DATABASE_URL: 'mysql://u:secret@h/d' }, 'DATABASE_URL: must be a URL such as postgres://'],
  ])('%j', (environment, problem) => {
    expect(() => read({}, environment)).toThrow(problem);
    expect(() => read({}, environment)).not.toThrow('secret');
  });

  test('all of it at once', () => {
    expect(() => read({}, { METRICS_PORT: 'x', METRICS_MAX_SCRAPES: 'y' })).toThrow(
      /METRICS_PORT.*METRICS_MAX_SCRAPES/,
    );
  });
});
