import { readConfig } from '@sluice/command-line';
import { describe, expect, test } from 'vitest';

import { configSource } from '../src/config.ts';

const read = (flags: Readonly<Record<string, unknown>>, environment: Record<string, string> = {}) =>
  readConfig(configSource, flags, environment);

test('without any setting it listens on loopback, and tells of nothing', () => {
  expect(read({})).toEqual({
    host: '127.0.0.1',
    port: 9464,
    votesStatus: [],
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

describe('what is wrong is refused by its own name', () => {
  test.each([
    [{ METRICS_PORT: '65536' }, 'METRICS_PORT: must be a whole number from 0 to 65535'],
    [{ METRICS_MAX_SCRAPES: '0' }, 'METRICS_MAX_SCRAPES: must be a whole number from 1 to 10000'],
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
