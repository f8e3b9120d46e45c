import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import type { FetchOptions } from '../../src/fetch/fetch-options.ts';
import { resolveFetchOptions } from '../../src/fetch/fetch-settings.ts';

const options: FetchOptions = {
  url: new URL('https://example.org/votes.jsonl'),
  targetFolder: 'data',
  overwrite: false,
  unpack: true,
};

test('the defaults are those that the options document', () => {
  expect(resolveFetchOptions(options)).toMatchObject({
    targetFolder: resolve('data'),
    maxBytes: 20 * 1024 ** 3,
    maxUnpackedBytes: 100 * 1024 ** 3,
    maxEntries: 10_000,
    retries: 5,
    allowedOrigins: ['https://example.org'],
    timeouts: { connectMs: 10_000, headersMs: 30_000, idleMs: 30_000, wholeMs: 86_400_000 },
  });
});

test('one timeout can be given without the others', () => {
  const { timeouts } = resolveFetchOptions({ ...options, timeouts: { idleMs: 5 } });

  expect(timeouts).toMatchObject({ idleMs: 5, headersMs: 30_000 });
});

test.each<[string, Partial<FetchOptions>, RegExp]>([
  ['no cap', { maxBytes: 0 }, /maxBytes must be a whole number from 1 /],
  ['a fraction', { maxUnpackedBytes: 1.5 }, /maxUnpackedBytes must .* not 1\.5/],
  ['not a number', { maxEntries: Number.NaN }, /maxEntries must .* not NaN/],
  ['no limit', { maxBytes: Number.POSITIVE_INFINITY }, /not Infinity/],
  ['fewer than no retries', { retries: -1 }, /retries must be a whole number from 0 /],
  ['a timeout of 0', { timeouts: { idleMs: 0 } }, /timeouts\.idleMs must/],
  ['a timeout that a timer cannot hold', { timeouts: { wholeMs: 2 ** 31 } }, /to 2147483647/],
  ['a short checksum', { sha256: 'abc' }, /64 hexadecimal digits, .* not 3 characters/],
  ['another alphabet', { sha256: 'z'.repeat(64) }, /64 hexadecimal digits/],
  ['an origin with a path', { allowedOrigins: ['https://a.example/x'] }, /https:\/\/host/],
  ['an origin with a user', { allowedOrigins: ['https://u@a.example'] }, /https:\/\/host/],
  ['a host only', { allowedOrigins: ['a.example'] }, /https:\/\/host/],
  ['an origin of another kind', { allowedOrigins: ['ftp://a.example'] }, /https:\/\/host/],
  ['another kind of URL', { url: new URL('file:///etc/passwd') }, /https: or http:/],
])('%s is refused', (_, wrong, message) => {
  const resolveWrong = () => resolveFetchOptions({ ...options, ...wrong });

  expect(resolveWrong).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  expect(resolveWrong).toThrow(message);
});

test.each(['https://a.example', 'https://a.example/', 'HTTPS://A.example:443'])(
  'the allowed origin %s is understood',
  (origin) => {
    const { allowedOrigins } = resolveFetchOptions({ ...options, allowedOrigins: [origin] });

    expect(allowedOrigins).toEqual(['https://example.org', 'https://a.example']);
  },
);
