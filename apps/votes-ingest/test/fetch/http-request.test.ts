import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import { failFetch, fetchInto, listFiles, makeContent, makeFolder } from './fetch-into.ts';
import { serveFile, startFileServer } from './file-server.ts';

const content = makeContent(10_000);
const limits = { connectMs: 5000, headersMs: 5000, idleMs: 5000, wholeMs: 5000 };

test('a server that sends no response is given up', async () => {
  const server = await startFileServer(() => {
    // Never answers.
  });

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), {
    timeouts: { ...limits, headersMs: 50 },
  });

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(error.message).toContain('no response within 50 ms');
});

test('a body that stops coming is given up, and what came is kept', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(200, { etag: '"1"' }).write('beginning');
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'), {
    timeouts: { ...limits, idleMs: 50 },
  });

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(error.message).toContain('nothing came for 50 ms');
  expect(await listFiles(folder)).toContain('votes.jsonl.part');
});

test('a body that drips without end is given up when the whole time is over, and not retried', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(200, { etag: '"1"' });
    const timer = setInterval(() => response.write('.'), 5);
    response.on('close', () => {
      clearInterval(timer);
    });
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'), {
    timeouts: { ...limits, wholeMs: 500 },
    retries: 3,
  });

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(error.message).toContain('not done within 500 ms');
  expect(server.requests).toHaveLength(1);
  expect(await listFiles(folder)).toContain('votes.jsonl.part');
});

test('the whole time includes the pauses between tries', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(503).end();
  });

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), {
    timeouts: { ...limits, wholeMs: 500 },
    retries: 3,
    delay: async (_milliseconds, signal) => {
      await once(signal, 'abort');
    },
  });

  expect(error.message).toContain('not done within 500 ms');
});

test('a port where nobody listens is a network error with its code', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');

  const error = await failFetch(await makeFolder(), new URL(`http://127.0.0.1:${port}/votes`));

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(error.message).toContain('ECONNREFUSED');
});

test('something that does not speak HTTP is a network error', async () => {
  const server = await startFileServer((request) => {
    request.socket.end('SSH-2.0-OpenSSH_9.9\r\n');
  });

  const error = await failFetch(await makeFolder(), server.url('/votes'));

  expect(error.code).toBe('NETWORK');
});

test('a call with a signal that is aborted already asks nobody', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), {
    signal: AbortSignal.abort(new Error('any reason')),
  });

  expect(error.code).toBe('ABORTED');
  expect(server.requests).toEqual([]);
});

test.each([301, 302, 303, 307, 308])(
  'HTTP %i within the origin is followed, and the file keeps the name that was asked for',
  async (status) => {
    const server = await startFileServer((request, response) => {
      if (request.url === '/old/votes.jsonl') {
        response.writeHead(status, { location: '../new/data?x=1' }).end();
      } else {
        response.end(content);
      }
    });
    const folder = await makeFolder();

    const result = await fetchInto(folder, server.url('/old/votes.jsonl'));

    expect(server.requests.map(({ url }) => url)).toEqual(['/old/votes.jsonl', '/new/data?x=1']);
    expect(result.url).toBe(`${server.origin}/old/votes.jsonl`);
    expect(await listFiles(folder)).toEqual(['votes.jsonl']);
  },
);

test('a redirect to another origin is refused before it is asked anything', async () => {
  const other = await startFileServer(serveFile(() => ({ content })));
  const server = await startFileServer((_request, response) => {
    response.writeHead(302, { location: other.url('/votes.jsonl?signature=secret').href }).end();
  });

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), { retries: 3 });

  expect(error).toMatchObject({ code: 'REFUSED', retryable: false });
  expect(error.message).toContain(other.origin);
  expect(error.message).not.toContain('secret');
  expect(other.requests).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

test('a redirect to an allowed origin is followed', async () => {
  const other = await startFileServer(serveFile(() => ({ content })));
  const server = await startFileServer((_request, response) => {
    response.writeHead(302, { location: other.url('/votes.jsonl').href }).end();
  });

  const result = await fetchInto(await makeFolder(), server.url('/votes.jsonl'), {
    allowedOrigins: [other.origin],
  });

  expect(result.bytes).toBe(content.length);
});

test('an allowed origin cannot send us on to one that is not', async () => {
  const third = await startFileServer(serveFile(() => ({ content })));
  const second = await startFileServer((_request, response) => {
    response.writeHead(302, { location: third.url('/').href }).end();
  });
  const first = await startFileServer((_request, response) => {
    response.writeHead(302, { location: second.url('/').href }).end();
  });

  const error = await failFetch(await makeFolder(), first.url('/votes.jsonl'), {
    allowedOrigins: [second.origin],
  });

  expect(error.code).toBe('REFUSED');
  expect(third.requests).toEqual([]);
});

test('a redirect in circles ends after ten', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(302, { location: '/votes.jsonl' }).end();
  });

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'), { retries: 3 });

  expect(error).toMatchObject({ code: 'HTTP', retryable: false });
  expect(server.requests).toHaveLength(11);
});

test('a redirect without a target is an HTTP error', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(302).end();
  });

  const error = await failFetch(await makeFolder(), server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'HTTP', retryable: false });
  expect(error.message).toContain('HTTP 302');
});
