import { readConfig } from '@sluice/command-line';
import { describe, expect, test } from 'vitest';

import { configSource } from '../src/config.ts';

function read(environment: Readonly<Record<string, string>>) {
  return readConfig(configSource, {}, environment);
}

test('without any setting the service is asked politely, into a Postgres of its own', () => {
  expect(read({})).toEqual({
    home: '.sluice',
    databaseWait: 60_000,
    baseUrl: 'https://publicationtool.jao.eu',
    requestsPerMinute: 80,
    concurrency: 4,
    maxResponseBytes: 8_388_608,
    connectTimeout: 10_000,
    headersTimeout: 30_000,
    responseTimeout: 120_000,
    pollEvery: 30_000,
    pollLead: 3_600_000,
    recheck: [
      { everyMs: 3_600_000, untilAgeMs: 2 * 86_400_000 },
      { everyMs: 86_400_000, untilAgeMs: 30 * 86_400_000 },
    ],
    listen: { host: '127.0.0.1', port: 9465 },
    gracePeriod: 25_000,
    webhookTimeout: 15_000,
    webhookTries: 30,
    webhookPause: 5_000,
    eventRetention: 7 * 86_400_000,
    revision: 'unknown',
    checks: {},
    coverageActions: {},
  });
});

test('a flag comes before its variable, by the name that commander gives it', () => {
  const environment = { JAO_USER_AGENT_CONTACT: 'a@example.org', JAO_REQUESTS_PER_MINUTE: '7' };
  const flags = { contact: 'b@example.org', requestsPerMinute: '0' };
  expect(readConfig(configSource, flags, environment)).toMatchObject({
    userAgentContact: 'b@example.org',
    requestsPerMinute: 0,
  });
});

describe('a setting', () => {
  test.each([
    [{ JAO_BASE_URL: 'http://127.0.0.1:8080' }, { baseUrl: 'http://127.0.0.1:8080' }],
    [{ JAO_BASE_URL: 'HTTPS://Example.ORG:443/' }, { baseUrl: 'https://example.org' }],
    [{ JAO_BASE_URL: 'http://[::1]:8080/' }, { baseUrl: 'http://[::1]:8080' }],
    [{ JAO_REQUESTS_PER_MINUTE: '6000' }, { requestsPerMinute: 6_000 }],
    [{ JAO_CONCURRENCY: '64' }, { concurrency: 64 }],
    [{ JAO_MAX_RESPONSE_BYTES: '1' }, { maxResponseBytes: 1 }],
    [{ JAO_DATABASE_WAIT: '0s' }, { databaseWait: 0 }],
    [{ JAO_CONNECT_TIMEOUT: '1ms' }, { connectTimeout: 1 }],
    [{ JAO_RECHECK: '1m:1h' }, { recheck: [{ everyMs: 60_000, untilAgeMs: 3_600_000 }] }],
    [{ JAO_LISTEN: '[::]:0' }, { listen: { host: '::', port: 0 } }],
    [{ JAO_LISTEN: 'example.org:65535' }, { listen: { host: 'example.org', port: 65_535 } }],
    [
      { JAO_USER_AGENT_CONTACT: 'https://example.org/bot?a=1' },
      { userAgentContact: 'https://example.org/bot?a=1' },
    ],
    [
      { JAO_WEBHOOK_URL: 'HTTPS://Example.ORG/hook?a=1' },
      { webhookUrl: 'https://example.org/hook?a=1' },
    ],
    [
      { JAO_WEBHOOK_TRIES: '1000', JAO_WEBHOOK_PAUSE: '0s' },
      { webhookTries: 1_000, webhookPause: 0 },
    ],
    [
      { DATABASE_URL: 'postgresql://u:p@host/db?sslmode=verify-full' },
      { databaseUrl: 'postgresql://u:p@host/db?sslmode=verify-full' },
    ],
  ])('is taken: %j', (environment, config) => {
    expect(read(environment)).toMatchObject(config);
  });

  test.each([
    ['DATABASE_URL', 'mysql://secret@host/db'],
    ['DATABASE_URL', 'host/secret'],
    ['JAO_POLL_EVERY', '999ms'],
    ['JAO_POLL_LEAD', '13h'],
    ['JAO_RECHECK', 'hourly'],
    ['JAO_RECHECK', '1s:1h'],
    ['JAO_RECHECK', '1h:2d,1d:1d'],
    ['JAO_LISTEN', '9465'],
    ['JAO_LISTEN', '127.0.0.1:65536'],
    ['JAO_GRACE_PERIOD', '0s'],
    ['SLUICE_REVISION', 'two words'],
    ['JAO_WEBHOOK_URL', 'example.org/secret'],
    ['JAO_WEBHOOK_URL', 'ftp://example.org/secret'],
    ['JAO_WEBHOOK_URL', 'https://:secret@example.org'],
    ['JAO_WEBHOOK_URL', 'https://example.org/#secret'],
    ['JAO_WEBHOOK_TRIES', '0'],
    ['JAO_WEBHOOK_TIMEOUT', '0s'],
    ['JAO_BASE_URL', 'publicationtool.jao.eu'],
    ['JAO_BASE_URL', 'ftp://example.org'],
    ['JAO_BASE_URL', 'https://user:secret@example.org'],
    ['JAO_BASE_URL', 'https://:secret@example.org'],
    ['JAO_BASE_URL', 'https://example.org/secret'],
    ['JAO_BASE_URL', 'https://example.org/?secret'],
    ['JAO_BASE_URL', 'https://example.org/#secret'],
    ['JAO_REQUESTS_PER_MINUTE', '-1'],
    ['JAO_REQUESTS_PER_MINUTE', '6001'],
    ['JAO_REQUESTS_PER_MINUTE', '1e2'],
    ['JAO_REQUESTS_PER_MINUTE', '0.5'],
    ['JAO_CONCURRENCY', '0'],
    ['JAO_CONCURRENCY', '65'],
    ['JAO_MAX_RESPONSE_BYTES', '0'],
    ['JAO_MAX_RESPONSE_BYTES', '64MiB'],
    ['JAO_DATABASE_WAIT', '60'],
    ['JAO_CONNECT_TIMEOUT', '0s'],
    ['JAO_HEADERS_TIMEOUT', 'never'],
    ['JAO_RESPONSE_TIMEOUT', '-1s'],
    ['JAO_USER_AGENT_CONTACT', 'nobody'],
    ['JAO_USER_AGENT_CONTACT', 'ftp://example.org'],
    ['JAO_USER_AGENT_CONTACT', 'https://example.org/a)\r\nX-Other: b'],
    ['JAO_USER_AGENT_CONTACT', 'https://example.org/(a)'],
    ['JAO_USER_AGENT_CONTACT', 'https://example.org/ü'],
    ['JAO_USER_AGENT_CONTACT', `https://example.org/${'a'.repeat(200)}`],
  ])('is refused by the name of its variable: %s=%s', (variable, text) => {
    expect(() => read({ [variable]: text })).toThrow(`read configuration: ${variable}: `);
    expect(() => read({ [variable]: text })).not.toThrow('secret');
  });

  test.each(['0', '65', '1e1', 'four'])(
    'that is a number is refused with its bounds: %s',
    (text) => {
      expect(() => read({ JAO_CONCURRENCY: text })).toThrow(
        /^read configuration: JAO_CONCURRENCY: must be a whole number from 1 to 64$/,
      );
    },
  );
});
