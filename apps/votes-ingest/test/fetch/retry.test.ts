import { describe, expect, test } from 'vitest';

import { isRetryableStatus, parseRetryAfter } from '../../src/fetch/retry.ts';
import {
  failFetch,
  fetchInto,
  makeContent,
  makeFolder,
  type FetchOverrides,
} from './fetch-into.ts';
import { inTurn, serveFile, startFileServer } from './file-server.ts';

const content = makeContent(1000);
const good = serveFile(() => ({ content }));
const now = new Date('2026-11-21T10:00:00Z');

/** Retries without waiting; `pauses` tells what would have been waited. */
function withoutWaiting(random = 0) {
  const pauses: number[] = [];
  const options: FetchOverrides = {
    retries: 3,
    now: () => now,
    random: () => random,
    delay: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
  };
  return { pauses, options };
}

test.each([408, 429, 500, 502, 503, 504])('after HTTP %i it is tried again', async (status) => {
  const server = await startFileServer(
    inTurn((_request, response) => response.writeHead(status).end(), good),
  );
  const { pauses, options } = withoutWaiting();

  const result = await fetchInto(await makeFolder(), server.url('/votes.jsonl'), options);

  expect(result.bytes).toBe(content.length);
  expect(pauses).toHaveLength(1);
});

test.each([400, 401, 403, 404, 410, 204, 206, 304, 416])(
  'after HTTP %i it is not tried again',
  async (status) => {
    const server = await startFileServer((_request, response) => {
      response.writeHead(status).end();
    });
    const { pauses, options } = withoutWaiting();

    const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), options);

    expect(error).toMatchObject({ code: 'HTTP', retryable: false });
    expect(error.message).toContain(`HTTP ${status}`);
    expect(pauses).toEqual([]);
  },
);

test('retries are bounded, and their pauses grow up to a bound', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(500).end();
  });
  const { pauses, options } = withoutWaiting(0.5);

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), {
    ...options,
    retries: 7,
  });

  expect(error).toMatchObject({ code: 'HTTP', retryable: true });
  expect(server.requests).toHaveLength(8);
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test('the jitter is full: the shortest pause is none', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(500).end();
  });
  const { pauses, options } = withoutWaiting(0);

  await failFetch(await makeFolder(), server.url('/votes.jsonl'), options);

  expect(pauses).toEqual([0, 0, 0]);
});

test.each([
  ['7', 7000],
  ['Sat, 21 Nov 2026 10:00:20 GMT', 20_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['31536000', 300_000],
  ['soon', 0],
])('Retry-After %j makes the pause %i ms', async (retryAfter, expected) => {
  const server = await startFileServer(
    inTurn(
      (_request, response) => response.writeHead(429, { 'retry-after': retryAfter }).end(),
      good,
    ),
  );
  const { pauses, options } = withoutWaiting();

  await fetchInto(await makeFolder(), server.url('/votes.jsonl'), options);

  expect(pauses).toEqual([expected]);
});

test('a connection that breaks before the response is tried again', async () => {
  const server = await startFileServer(
    inTurn((request) => {
      request.socket.destroy();
    }, good),
  );
  const { pauses, options } = withoutWaiting();

  const result = await fetchInto(await makeFolder(), server.url('/votes.jsonl'), options);

  expect(result.bytes).toBe(content.length);
  expect(pauses).toHaveLength(1);
});

test('a signal ends the pause with the real timer', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '60' }).end();
  });
  const controller = new AbortController();

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), {
    retries: 3,
    signal: controller.signal,
    delay: undefined,
    random: () => {
      setTimeout(() => {
        controller.abort();
      }, 10);
      return 0;
    },
  });

  expect(error.code).toBe('ABORTED');
  expect(server.requests).toHaveLength(1);
});

describe('parseRetryAfter', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['0', 0],
    ['120', 120_000],
    ['Sat, 21 Nov 2026 10:02:00 GMT', 120_000],
  ])('reads %j as %j', (header, expected) => {
    const wait = parseRetryAfter(header, now);

    expect(wait).toBe(expected);
  });
});

describe('isRetryableStatus', () => {
  test.each([
    [200, false],
    [404, false],
    [408, true],
    [425, false],
    [429, true],
    [499, false],
    [500, true],
    [599, true],
  ])('of %i is %s', (status, expected) => {
    expect(isRetryableStatus(status)).toBe(expected);
  });
});
