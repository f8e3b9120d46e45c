import type { RequestListener } from 'node:http';

import { createRegistry } from '@sluice/metrics';
import { describe, expect, test } from 'vitest';

import type { SourceAnswer } from '../../src/source/source-answer.ts';
import { createSourceMetrics } from '../../src/source/source-metrics.ts';
import { answered, ask, failed, openSource } from './ask.ts';
import { startHttpServer } from './local-server.ts';

/** Sends the window's own path to `location`, and answers everything else. */
function redirectTo(location: string | undefined, status = 302): RequestListener {
  return ({ url }, response) => {
    if (url?.startsWith('/core/') === true) {
      response.writeHead(status, location === undefined ? {} : { location }).end('moved');
    } else {
      response.end('{}');
    }
  };
}

function statusesOf({ requests }: SourceAnswer): (number | undefined)[] {
  return requests.map(({ status }) => status);
}

test.each([301, 302, 303, 307, 308])('a %i to the same origin is followed', async (status) => {
  const server = await startHttpServer(redirectTo('/elsewhere?a=1#part', status));

  const answer = answered(await ask(server.origin));

  expect(answer).toMatchObject({
    text: '{}',
    requests: [{ status }, { status: 200 }],
    wireBytes: 'moved{}'.length,
  });
  expect(server.requests.map(({ url }) => url).at(-1)).toBe('/elsewhere?a=1');
});

test('each redirect waits for leave, since it is a request', async () => {
  const server = await startHttpServer(({ url }, response) => {
    const hop = Number(/^\/(\d)$/.exec(url ?? '')?.[1] ?? 0);
    if (hop === 3) {
      response.end('{}');
    } else {
      response.writeHead(302, { location: `/${hop + 1}` }).end();
    }
  });
  const seen: number[] = [];

  const answer = await ask(server.origin, {
    beforeRedirect: () => {
      seen.push(server.requests.length);
      return Promise.resolve();
    },
  });

  expect(statusesOf(answered(answer))).toStrictEqual([302, 302, 302, 200]);
  expect(seen).toStrictEqual([1, 2, 3]);
});

test('what it took is the time of all requests, each of which has its own', async () => {
  const server = await startHttpServer(redirectTo('/elsewhere'));

  const { durationMs, requests } = await ask(server.origin);

  expect(requests.every((request) => request.durationMs > 0)).toBe(true);
  expect(requests.reduce((sum, request) => sum + request.durationMs, 0)).toBeCloseTo(durationMs, 6);
});

test('each request is counted once by its code, as the server has it', async () => {
  const server = await startHttpServer(redirectTo('/elsewhere', 307));
  const registry = createRegistry();
  const metrics = createSourceMetrics(registry, 'jao');

  for (let call = 0; call < 3; call += 1) {
    metrics.observeRequest({ dataset: 'core/atc', answer: await ask(server.origin) });
  }

  const text = await registry.metrics();
  const counts = [...text.matchAll(/requests_total\{.*code="(\d+)"\} (\d+)$/gm)];
  expect(counts.map(([, code, count]) => [code, Number(count)])).toEqual([
    ['307', 3],
    ['200', 3],
  ]);
  expect(server.requests).toHaveLength(6);
});

test('a leave that is not given fails the call, and nothing is asked', async () => {
  const server = await startHttpServer(redirectTo('/elsewhere'));

  const call = ask(server.origin, { beforeRedirect: () => Promise.reject(new Error('no pace')) });

  await expect(call).rejects.toThrow('no pace');
  expect(server.requests).toHaveLength(1);
});

test('a leave that is not given because of a stop is a stop', async () => {
  const server = await startHttpServer(redirectTo('/elsewhere'));
  const stop = new AbortController();

  const answer = await ask(server.origin, {
    signal: stop.signal,
    beforeRedirect: () => {
      stop.abort();
      return Promise.reject(new Error('stopped'));
    },
  });

  expect(failed(answer).outcome).toBe('cancelled');
  expect(statusesOf(answer)).toStrictEqual([302]);
  expect(server.requests).toHaveLength(1);
});

describe('a redirect is refused', () => {
  test.each([
    ['to another port', 'http://127.0.0.1:1/', 'http://127.0.0.1:1'],
    ['to another host', 'http://elsewhere.invalid/core?a=b', 'http://elsewhere.invalid'],
    ['to another scheme', 'https://127.0.0.1/', 'https://127.0.0.1'],
    ['to another user', 'http://a:b@elsewhere.invalid/', 'http://elsewhere.invalid'],
    ['to localhost', 'http://localhost/', 'http://localhost'],
    ['to a link-local address', 'http://169.254.169.254/latest/', 'http://169.254.169.254'],
    ['to ::1', 'http://[::1]/', 'http://[::1]'],
    ['without a scheme', '//elsewhere.invalid/', 'http://elsewhere.invalid'],
    ['to a file', 'file:///etc/passwd', 'file:'],
    ['to data', 'data:application/json,{}', 'data:'],
    ['to a script', 'javascript:0', 'javascript:'],
    ['to no URL', 'http://[', undefined],
    ['to nowhere', undefined, undefined],
  ])('%s, and says where it leads', async (_name, location, target) => {
    const server = await startHttpServer(redirectTo(location));

    const answer = failed(await ask(server.origin));

    expect(answer).toMatchObject({
      outcome: 'redirect_refused',
      status: 302,
      requests: [{ status: 302 }],
    });
    const [, toldTarget] = answer.message.split(', which is not followed');
    expect(toldTarget).toBe(target === undefined ? '' : `: ${target}`);
    expect(server.requests).toHaveLength(1);
  });

  test('with a password in it', async () => {
    const server = await startHttpServer(({ headers }, response) => {
      response.writeHead(302, { location: `http://a:b@${headers.host ?? ''}/` }).end();
    });

    expect(failed(await ask(server.origin)).outcome).toBe('redirect_refused');
  });

  test('to the same port by another name', async () => {
    const server = await startHttpServer(redirectTo('http://127.0.0.1.:80/'));

    expect(failed(await ask(server.origin)).outcome).toBe('redirect_refused');
  });

  test('to itself', async () => {
    const server = await startHttpServer(({ url }, response) => {
      response.writeHead(302, { location: url }).end();
    });

    const answer = failed(await ask(server.origin));

    expect(answer.outcome).toBe('redirect_refused');
    expect(answer.message).toContain('in a circle');
    expect(server.requests).toHaveLength(1);
  });

  test('after three others', async () => {
    let hop = 0;
    const server = await startHttpServer((_request, response) => {
      hop += 1;
      response.writeHead(302, { location: `/${hop}` }).end();
    });

    const answer = failed(await ask(server.origin));
    expect(answer.outcome).toBe('redirect_refused');
    expect(statusesOf(answer)).toStrictEqual([302, 302, 302, 302]);
    expect(server.requests).toHaveLength(4);
  });
});

describe('conditional requests', () => {
  const handler: RequestListener = ({ headers }, response) => {
    const isKnown =
      headers['if-none-match'] === '"1"' || headers['if-modified-since'] !== undefined;
    response.writeHead(isKnown ? 304 : 200, {
      etag: '"1"',
      'content-length': isKnown ? 99_999_999 : 2,
    });
    response.end(isKnown ? undefined : '{}');
  };

  test('a 304 to a validator is not_modified', async () => {
    const server = await startHttpServer(handler);
    const source = openSource(server.origin);

    for (const validator of [{ etag: '"1"' }, { lastModified: 'Mon, 20 Apr 2026 08:30:00 GMT' }]) {
      expect(await ask(source, validator)).toMatchObject({
        outcome: 'not_modified',
        status: 304,
        etag: '"1"',
        wireBytes: 0,
        decodedBytes: 0,
      });
    }
    // The length that a 304 announces is that of a body that does not come.
    expect(server.connections).toHaveLength(1);
  });

  test('a validator that no longer holds gets the body', async () => {
    const server = await startHttpServer(handler);

    expect(answered(await ask(server.origin, { etag: '"0"' })).text).toBe('{}');
  });

  test('what no server can have sent as a validator is a mistake', async () => {
    await expect(ask('http://127.0.0.1:1', { etag: '"1"\r\nx: y' })).rejects.toThrow(TypeError);
  });
});
