import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { answered, ask, failed, openSource, timeouts } from './ask.ts';
import { findClosedPort, startRawServer } from './local-server.ts';

const json = '{"data":[],"rejected":false,"messages":null}';

/** Each writes what a broken server, proxy or network makes of a response. */
const faults: readonly {
  readonly name: string;
  readonly outcome: string;
  readonly status?: number;
  readonly onRequest: (socket: Socket) => void;
}[] = [
  { name: 'a close before the head', outcome: 'reset', onRequest: (socket) => socket.end() },
  {
    name: 'a reset before the head',
    outcome: 'reset',
    onRequest: (socket) => socket.resetAndDestroy(),
  },
  {
    name: 'a close in the head',
    outcome: 'reset',
    onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
  },
  {
    name: 'no HTTP at all',
    outcome: 'not_json',
    onRequest: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  },
  {
    name: 'a head without end',
    outcome: 'too_large',
    onRequest: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`),
  },
  {
    name: 'a body shorter than its Content-Length',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n${json}`),
  },
  {
    name: 'a close before the body',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n`),
  },
  {
    name: 'a chunked body without its last chunk',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"dat\r\n'),
  },
  {
    name: 'a chunk that is cut',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"dat'),
  },
  {
    name: 'a chunk size that is none',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"dat\r\nzz\r\n'),
  },
  {
    name: 'a reset in the body',
    outcome: 'reset',
    status: 200,
    onRequest: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"data":', () => {
        setImmediate(() => socket.resetAndDestroy());
      });
    },
  },
  {
    name: 'gzip that ends early in a response that is whole',
    outcome: 'truncated',
    status: 200,
    onRequest: (socket) => {
      const cut = gzipSync(json).subarray(0, 20);
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n');
      socket.end(cut);
    },
  },
  {
    name: 'a refusal whose body is cut',
    outcome: 'http_5xx',
    status: 503,
    onRequest: (socket) => socket.end('HTTP/1.1 503 No\r\ncontent-length: 99\r\n\r\nbusy'),
  },
];

test.each(faults)('$name is $outcome', async ({ outcome, status, onRequest }) => {
  const server = await startRawServer(onRequest);

  expect(failed(await ask(server.origin))).toMatchObject({ outcome, status });
  expect(server.connections).toHaveLength(1);
});

test('bytes beyond the Content-Length are no part of the body, and harm no later request', async () => {
  const server = await startRawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"data":[]} and more');
  });
  const source = openSource(server.origin);

  expect(await ask(source)).toMatchObject({ wireBytes: 10 });
  expect(await ask(source)).toMatchObject({ wireBytes: 10 });
});

test('a body that ends with the connection is whole: nobody can know better but its parser', async () => {
  const server = await startRawServer((socket) => {
    socket.end(`HTTP/1.0 200 OK\r\n\r\n${json.slice(0, 20)}`);
  });

  expect(answered(await ask(server.origin)).text).toBe(json.slice(0, 20));
});

describe('deadlines', () => {
  test('a server that sends nothing is headers_timeout', async () => {
    const server = await startRawServer(() => undefined);
    const options = { timeouts: { ...timeouts, headersMs: 50 } };

    expect(failed(await ask(server.origin, { options })).outcome).toBe('headers_timeout');
  });

  test('a head that drips is headers_timeout', async () => {
    const server = await startRawServer((socket) => {
      drip(socket, 'HTTP/1.1 200 OK\r\n');
    });
    const options = { timeouts: { ...timeouts, headersMs: 80 } };

    expect(failed(await ask(server.origin, { options })).outcome).toBe('headers_timeout');
  });

  test('a body that drips is total_timeout', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n');
      drip(socket, 'x'.repeat(10));
    });
    const options = { timeouts: { ...timeouts, responseMs: 500 } };

    const answer = failed(await ask(server.origin, { options }));

    expect(answer).toMatchObject({ outcome: 'total_timeout', status: 200 });
    expect(answer.message).toContain('not whole within 500 ms');
  });

  test('a body that never begins is total_timeout', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
    });
    const options = { timeouts: { ...timeouts, responseMs: 100 } };

    expect(failed(await ask(server.origin, { options })).outcome).toBe('total_timeout');
  });

  test('a change of protocol that nobody asked for is no response', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    });
    const options = { timeouts: { ...timeouts, responseMs: 100 } };

    expect(failed(await ask(server.origin, { options })).outcome).toBe('total_timeout');
  });

  test('a name that is never resolved is connect_timeout', async () => {
    const agent = new Agent({ lookup: () => undefined });
    const options = { agent, timeouts: { ...timeouts, connectMs: 50 } };

    const answer = failed(await ask('http://service.invalid', { options }));

    expect(answer.outcome).toBe('connect_timeout');
    agent.destroy();
  });

  test('a handshake that never ends is connect_timeout', async () => {
    const server = await startRawServer(() => undefined);
    const options = { timeouts: { ...timeouts, connectMs: 50 } };

    const answer = failed(await ask(server.origin.replace('http:', 'https:'), { options }));

    expect(answer.outcome).toBe('connect_timeout');
  });

  test('a connection that is used again has no deadline for connecting', async () => {
    const server = await startRawServer((socket) => {
      const answer = () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`);
      answer();
      socket.on('data', () => {
        setTimeout(answer, 1100);
      });
    });
    const source = openSource(server.origin, { timeouts: { ...timeouts, connectMs: 1000 } });

    expect(answered(await ask(source)).text).toBe('{}');
    expect(answered(await ask(source)).text).toBe('{}');
    expect(server.connections).toHaveLength(1);
  });
});

describe('no connection', () => {
  test('a name that does not exist is dns', async () => {
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND'), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    });
    const agent = new Agent({
      lookup: (_name, _options, callback) => {
        callback(notFound, '');
      },
    });

    const answer = failed(await ask('http://service.invalid', { options: { agent } }));

    expect(answer).toMatchObject({ outcome: 'dns', status: undefined });
    expect(answer.message).toContain('ENOTFOUND');
  });

  test('a port where nobody listens is connect', async () => {
    const answer = failed(await ask(`http://127.0.0.1:${await findClosedPort()}`));

    expect(answer.outcome).toBe('connect');
    expect(answer.message).toContain('ECONNREFUSED');
  });

  test('a port that speaks no TLS is tls', async () => {
    const server = await startRawServer((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n'));

    expect(failed(await ask(server.origin.replace('http:', 'https:'))).outcome).toBe('tls');
  });
});

/** Writes the text again and again, a character at a time, until the other side is gone. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text[at++ % text.length] ?? '');
  }, 5);
  socket.on('close', () => {
    clearInterval(timer);
  });
}
