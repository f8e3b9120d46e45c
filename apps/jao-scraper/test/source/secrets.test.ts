import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { ask, failed, openSource } from './ask.ts';
import { findClosedPort, startHttpServer } from './local-server.ts';

const canary = 'CANARY7f3a.token+/==';

/** A server that says back what it was told, wherever it can. */
const echoes: Readonly<Record<string, RequestListener>> = {
  'in a refusal': ({ headers }, response) => response.writeHead(401).end(headers.authorization),
  'in a refusal, encoded': ({ headers }, response) =>
    response.writeHead(500).end(encodeURIComponent(headers.authorization ?? '')),
  'in a refusal, compressed': ({ headers }, response) =>
    response
      .writeHead(400, { 'content-encoding': 'gzip' })
      .end(gzipSync(headers.authorization ?? '')),
  'in the reason phrase': (_request, response) => response.writeHead(503, canary).end(),
  'in a redirect to another host': (_request, response) =>
    response.writeHead(302, { location: `https://${canary.slice(0, 10)}.invalid/${canary}` }).end(),
  'in a redirect to itself': (_request, response) =>
    response.writeHead(302, { location: `/${canary}` }).end(),
  'in the coding': (_request, response) =>
    response.writeHead(200, { 'content-encoding': canary }).end('x'),
  'in Retry-After': (_request, response) =>
    response.writeHead(429, { 'retry-after': canary }).end(canary),
  'in a response that breaks': (request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(canary, () => {
      request.socket.destroy();
    });
  },
  'in a head that is none': (request) => {
    request.socket.end(`${canary}\r\n\r\n`);
  },
};

test.each(Object.entries(echoes))(
  'a secret that comes back %s is not told on',
  async (_name, echo) => {
    const server = await startHttpServer(echo);

    const answer = failed(await ask(server.origin, { options: { bearer: canary } }));

    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${canary}`);
    expect(JSON.stringify(answer)).not.toMatch(/CANARY|token/i);
  },
);

test('a secret is in no message of a connection that fails', async () => {
  const origin = `http://127.0.0.1:${await findClosedPort()}`;

  const answer = await ask(origin, { options: { bearer: canary } });

  expect(JSON.stringify(answer)).not.toContain('CANARY');
});

test('a secret that no header can hold is refused without being shown', () => {
  for (const bearer of [`${canary}\r\nx: y`, `${canary} `, '', 'ä']) {
    expect(() => openSource('http://127.0.0.1:1', { bearer })).toThrow(
      /^bearer: expected printable ASCII without blanks, received something else$/,
    );
  }
});

test('a secret is sent to the origin alone, also after a redirect', async () => {
  const other = await startHttpServer((_request, response) => response.end('{}'));
  const server = await startHttpServer((_request, response) => {
    response.writeHead(302, { location: `${other.origin}/` }).end();
  });

  await ask(server.origin, { options: { bearer: canary } });

  expect(other.requests).toHaveLength(0);
});
