import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, onTestFinished, test } from 'vitest';

import { answered, ask, day, failed, openSource } from './ask.ts';
import { closed, startHttpServer, startRawServer } from './local-server.ts';

/** What would end a process: an error or a rejection that nobody took. */
function watchProcess(): readonly unknown[] {
  const strays: unknown[] = [];
  const note = (stray: unknown) => {
    strays.push(stray);
  };
  process.on('uncaughtExceptionMonitor', note);
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('uncaughtExceptionMonitor', note);
    process.off('unhandledRejection', note);
  });
  return strays;
}

const response =
  'HTTP/1.1 200 OK\r\ncontent-length: 30\r\nx-pad: 1\r\n\r\n{"data":[],"rejected":false}  \r\n';

test('a connection that breaks after any byte is one answer, and nothing more comes of it', async () => {
  const strays = watchProcess();
  let bytes = 0;
  const server = await startRawServer((socket) => {
    socket.write(response.slice(0, bytes), () => socket.resetAndDestroy());
  });
  const source = openSource(server.origin);

  for (bytes = 0; bytes < response.length - 2; bytes += 1) {
    const answer = await ask(source);
    expect(['reset', 'truncated'], `after ${bytes} bytes`).toContain(answer.outcome);
  }

  await nextTurn();
  expect(strays).toStrictEqual([]);
});

test('a call that is stopped at any stage is cancelled, and its connection is closed', async () => {
  const strays = watchProcess();
  let bytes = 0;
  const server = await startRawServer((socket) => {
    socket.write(response.slice(0, bytes), () => {
      stop.abort();
    });
  });
  let stop = new AbortController();
  const source = openSource(server.origin);

  for (bytes = 1; bytes < response.length - 2; bytes += 5) {
    stop = new AbortController();
    const answer = failed(await ask(source, { signal: stop.signal }));
    expect(answer.outcome).toBe('cancelled');
    await closed(server.connections.at(-1));
  }

  await nextTurn();
  expect(strays).toStrictEqual([]);
});

test('a call that is stopped while it connects is cancelled', async () => {
  const server = await startRawServer(() => undefined);
  const stop = new AbortController();

  const call = ask(server.origin, { signal: stop.signal });
  stop.abort();

  expect(failed(await call).outcome).toBe('cancelled');
});

test('a signal that is aborted already asks nothing', async () => {
  const server = await startHttpServer((_request, reply) => reply.end('{}'));

  const answer = failed(await ask(server.origin, { signal: AbortSignal.abort() }));

  expect(answer).toMatchObject({ outcome: 'cancelled', wireBytes: 0, requests: [] });
  expect(server.connections).toHaveLength(0);
});

test('a stop after the answer changes nothing', async () => {
  const strays = watchProcess();
  const server = await startHttpServer((_request, reply) => reply.end('{}'));
  const stop = new AbortController();
  const source = openSource(server.origin);

  const answer = await ask(source, { signal: stop.signal });
  stop.abort();
  await nextTurn();

  expect(answered(answer).text).toBe('{}');
  expect(answered(await ask(source)).text).toBe('{}');
  expect(server.connections).toHaveLength(1);
  expect(strays).toStrictEqual([]);
});

test('one signal for thousands of calls collects no listeners', async () => {
  const server = await startHttpServer((_request, reply) => reply.end('{}'));
  const source = openSource(server.origin);
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = new Proxy(signal, {
    get: (target, name) => {
      listeners += name === 'addEventListener' ? 1 : name === 'removeEventListener' ? -1 : 0;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

  for (let call = 0; call < 20; call += 1) {
    await ask(source, { signal: counted });
  }

  expect(listeners).toBe(0);
});

describe('connections', () => {
  test('are used again, after refusals and empty answers too', async () => {
    const statuses = [200, 503, 204, 404, 302, 429, 200];
    let call = 0;
    const server = await startHttpServer((_request, reply) => {
      const status = statuses[call % statuses.length] ?? 200;
      call += 1;
      reply
        .writeHead(status, status === 302 ? { location: '/x' } : {})
        .end(status === 204 ? '' : '{}');
    });
    const source = openSource(server.origin);

    for (let asked = 0; asked < 2 * statuses.length; asked += 1) {
      await ask(source);
    }

    expect(server.connections).toHaveLength(1);
  });

  test('that the server closed between two calls are replaced', async () => {
    const server = await startHttpServer((_request, reply) => reply.end('{}'));
    const source = openSource(server.origin);

    await ask(source);
    const [socket] = server.connections;
    socket?.end();
    await closed(socket);
    await nextTurn();

    expect(answered(await ask(source)).text).toBe('{}');
    expect(server.connections).toHaveLength(2);
  });

  test('are freed by close, which cancels what is out and what comes', async () => {
    const strays = watchProcess();
    const server = await startHttpServer(({ url }, reply) => {
      if (url?.startsWith('/core') === true) {
        reply.end('{}');
      }
    });
    const source = openSource(server.origin);
    await ask(source);
    const call = ask(source, { path: '/hangs' });
    await nextTurn();

    source.close();

    expect(failed(await call).outcome).toBe('cancelled');
    expect(failed(await ask(source)).outcome).toBe('cancelled');
    await Promise.all(server.connections.map(closed));
    source.close();
    expect(strays).toStrictEqual([]);
  });
});

describe('mistakes of the caller are thrown', () => {
  const origin = 'http://127.0.0.1:1';

  test.each([
    ['a path of another origin', { path: '//elsewhere.invalid/core' }, TypeError],
    ['a path with a query', { path: '/core?a=1' }, TypeError],
    ['a path that is none', { path: 'core' }, TypeError],
    ['an empty window', { toMs: day.fromMs }, RangeError],
    ['a window that is no time', { toMs: Number.NaN }, RangeError],
  ])('%s', async (_name, request, error) => {
    await expect(ask(origin, request)).rejects.toThrow(error);
  });

  test.each([
    ['an origin with a path', { origin: 'https://host/path' }, TypeError],
    ['an origin with a user', { origin: 'https://user@host' }, TypeError],
    ['another scheme', { origin: 'ftp://host' }, TypeError],
    ['no origin', { origin: 'host' }, TypeError],
    ['a User-Agent of two lines', { userAgent: 'a\r\nb: c' }, TypeError],
    ['a cap of nothing', { maxDecodedBytes: 0 }, RangeError],
    ['no deadline', { timeouts: { connectMs: 0, headersMs: 1, responseMs: 1 } }, RangeError],
  ])('%s', (_name, options, error) => {
    expect(() => openSource(origin, options)).toThrow(error);
  });
});
