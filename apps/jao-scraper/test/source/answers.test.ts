import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { answered, ask, day, failed, hourMs, mebibyte, openSource } from './ask.ts';
import { startHttpServer } from './local-server.ts';

const json = '{"data":[],"rejected":false,"messages":null}';

function respond(status: number, headers: Record<string, string>, body: string | Buffer = '') {
  const listener: RequestListener = (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
  return startHttpServer(listener);
}

test('asks for exactly the window, says what it takes and who it is', async () => {
  const server = await respond(200, {}, json);

  await ask(server.origin);

  const [request] = server.requests;
  expect(request?.method).toBe('GET');
  expect(request?.url).toBe(
    '/core/api/data/maxExchanges?FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z',
  );
  expect(request?.headers).toMatchObject({
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'sluice-jao-scraper/0.0.0 (+test@example.org)',
  });
  expect(Object.keys(request?.headers ?? {}).toSorted()).toStrictEqual([
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
  ]);
});

test('an answer has its bytes, their hash, its sizes and what identifies it', async () => {
  const wire = gzipSync(json);
  const server = await respond(
    200,
    {
      'content-encoding': 'gzip',
      etag: 'W/"7"',
      'last-modified': 'Mon, 20 Apr 2026 08:30:00 GMT',
      date: 'Mon, 20 Apr 2026 08:31:02 GMT',
    },
    wire,
  );

  const answer = answered(await ask(server.origin));

  expect(answer).toMatchObject({
    status: 200,
    text: json,
    sha256: createHash('sha256').update(json).digest(),
    wireBytes: wire.length,
    decodedBytes: json.length,
    etag: 'W/"7"',
    lastModified: 'Mon, 20 Apr 2026 08:30:00 GMT',
    serverDate: new Date('2026-04-20T08:31:02Z'),
    requests: [{ status: 200 }],
  });
  expect(answer.durationMs).toBeGreaterThan(0);
});

test('the same bytes have the same hash, compressed or not, under whatever ETag', async () => {
  const plain = await respond(200, { etag: '"1"' }, json);
  const compressed = await respond(
    200,
    { 'content-encoding': 'x-gzip', etag: '"2"' },
    gzipSync(json),
  );

  const first = answered(await ask(plain.origin));
  const second = answered(await ask(compressed.origin));

  expect(first.sha256).toStrictEqual(second.sha256);
});

test.each([
  ['an empty 200', 200, ''],
  ['204', 204, ''],
  ['a page', 200, '<html>maintenance</html>'],
  ['an error object', 200, '{"error":"down"}'],
  ['null', 200, 'null'],
  ['203, which passed a proxy', 203, json],
])('%s is answered: what is in it is for the parser to say', async (_name, status, body) => {
  const server = await respond(status, {}, body);

  expect(answered(await ask(server.origin))).toMatchObject({ status, text: body });
});

test('an empty body that claims to be gzip is empty', async () => {
  const server = await respond(200, { 'content-encoding': 'gzip' });

  expect(answered(await ask(server.origin)).text).toBe('');
});

test.each([
  ['201', 201, 'schema'],
  ['202', 202, 'schema'],
  ['206', 206, 'truncated'],
  ['300', 300, 'redirect_refused'],
  ['a 304 that was not asked for', 304, 'schema'],
  ['305', 305, 'redirect_refused'],
  ['401', 401, 'http_4xx'],
  ['403', 403, 'http_4xx'],
  ['404', 404, 'http_4xx'],
  ['408', 408, 'http_4xx'],
  ['418', 418, 'http_4xx'],
  ['429', 429, 'http_429'],
  ['500', 500, 'http_5xx'],
  ['502', 502, 'http_5xx'],
  ['503', 503, 'http_5xx'],
  ['504', 504, 'http_5xx'],
  ['599', 599, 'http_5xx'],
])('%s is %s', async (_name, status, outcome) => {
  const server = await respond(status, {}, status === 304 ? '' : json);

  const answer = failed(await ask(server.origin));

  expect(answer).toMatchObject({ status, outcome, retryAfterMs: undefined });
  expect(answer.message).toContain(`HTTP ${status}`);
});

describe('400', () => {
  test.each([
    ['The requested range must not exceed 48 hours.', 'range_refused'],
    ['', 'range_refused'],
    ['<html>Bad Request</html>', 'range_refused'],
    ['{"errors":{"FromUtc":["The value is not valid."]}}', 'range_refused'],
    ['{"errors":{"Filter":["The Filter field is required."]}}', 'http_4xx'],
    ['The parameter Foo is not known.', 'http_4xx'],
    ['The plain HTTP request was sent to HTTPS port', 'http_4xx'],
  ])('%j is %s', async (body, outcome) => {
    const server = await respond(400, { 'content-encoding': 'gzip' }, gzipSync(body));

    expect(failed(await ask(server.origin))).toMatchObject({ status: 400, outcome });
  });

  test('for a single step cannot be about the range', async () => {
    const server = await respond(400, {}, 'The requested range must not exceed 48 hours.');

    const answer = await ask(server.origin, { toMs: day.fromMs + hourMs });

    expect(failed(answer).outcome).toBe('http_4xx');
  });
});

describe('Retry-After', () => {
  test.each([
    ['seconds', 429, '7', 7000],
    ['seconds of a 503', 503, '120', 120_000],
    ['a date, against the clock of the server', 429, 'Mon, 20 Apr 2026 08:30:30 GMT', 30_000],
    ['a year', 429, '31536000', 900_000],
    ['no number', 429, 'soon', undefined],
    ['less than nothing', 429, '-5', undefined],
  ])('%s', async (_name, status, retryAfter, retryAfterMs) => {
    const date = 'Mon, 20 Apr 2026 08:30:00 GMT';
    const server = await respond(status, { 'retry-after': retryAfter, date });
    const now = () => Date.parse('2026-04-20T08:40:00Z');

    const answer = await ask(server.origin, { options: { now } });

    expect(failed(answer).retryAfterMs).toBe(retryAfterMs);
  });

  test('is capped where the caller says', async () => {
    const server = await respond(429, { 'retry-after': '60' });

    const answer = await ask(server.origin, { options: { maxRetryAfterMs: 5000 } });

    expect(failed(answer).retryAfterMs).toBe(5000);
  });

  test('of a success is not heeded', async () => {
    const server = await respond(200, { 'retry-after': '60' }, json);

    expect(answered(await ask(server.origin))).not.toHaveProperty('retryAfterMs');
  });
});

describe('codings', () => {
  test.each([
    ['JSON that claims to be gzip', { 'content-encoding': 'gzip' }, json],
    ['gzip with its checksum broken', { 'content-encoding': 'gzip' }, broken(gzipSync(json))],
    [
      'gzip with something behind it',
      { 'content-encoding': 'gzip' },
      Buffer.concat([gzipSync(json), Buffer.from('tail')]),
    ],
    ['a coding that was not asked for', { 'content-encoding': 'br' }, brotliCompressSync(json)],
    ['a coding that nobody knows', { 'content-encoding': 'jao' }, json],
  ])('%s is not_json', async (_name, headers, body) => {
    const server = await respond(200, headers, body);

    expect(failed(await ask(server.origin))).toMatchObject({ outcome: 'not_json', status: 200 });
  });

  test('gzip within gzip is undone once, and the rest is for the parser', async () => {
    const server = await respond(200, { 'content-encoding': 'gzip' }, gzipSync(gzipSync(json)));

    expect(Buffer.from(answered(await ask(server.origin)).bytes)).toStrictEqual(gzipSync(json));
  });

  test('gzip that does not say so is passed on as it is', async () => {
    const server = await respond(200, {}, gzipSync(json));

    expect(Buffer.from(answered(await ask(server.origin)).bytes)).toStrictEqual(gzipSync(json));
  });
});

describe('the cap', () => {
  test('holds for the decompressed size, to the byte', async () => {
    const server = await respond(200, { 'content-encoding': 'gzip' }, gzipSync('x'.repeat(1000)));

    const fits = await ask(server.origin, { options: { maxDecodedBytes: 1000 } });
    const isOver = await ask(server.origin, { options: { maxDecodedBytes: 999 } });

    expect(answered(fits).decodedBytes).toBe(1000);
    expect(failed(isOver)).toMatchObject({ outcome: 'too_large', status: 200 });
  });

  test('stops a bomb that grows a thousandfold, without the memory that it would take', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * mebibyte));
    expect(bomb.length).toBeLessThan(mebibyte);
    const server = await respond(200, { 'content-encoding': 'gzip' }, bomb);
    const source = openSource(server.origin, { maxDecodedBytes: 2 * mebibyte });
    await ask(source);
    const before = process.memoryUsage().rss;

    for (let time = 0; time < 10; time += 1) {
      expect(failed(await ask(source)).outcome).toBe('too_large');
    }

    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte);
  });

  test('stops a body that announces more before any of it is read', async () => {
    const server = await startHttpServer((_request, response) => {
      response.writeHead(200, { 'content-length': 100 * mebibyte }).flushHeaders();
    });

    expect(failed(await ask(server.origin))).toMatchObject({ outcome: 'too_large', wireBytes: 0 });
  });

  test('stops a body without end', async () => {
    const server = await startHttpServer((_request, response) => {
      const chunk = Buffer.alloc(65_536, 0x20);
      const write = () => {
        while (response.write(chunk));
      };
      response.on('drain', write);
      write();
    });

    const answer = failed(await ask(server.origin));

    expect(answer.outcome).toBe('too_large');
    expect(answer.wireBytes).toBeLessThan(2 * mebibyte);
  });

  test('of a refusal is small: its status is enough', async () => {
    const server = await respond(500, {}, Buffer.alloc(mebibyte));

    const answer = failed(await ask(server.origin));

    expect(answer.outcome).toBe('http_5xx');
    expect(answer.wireBytes).toBeLessThan(mebibyte / 2);
  });
});

test('what the service says is quoted in one printable, bounded line', async () => {
  const server = await respond(500, {}, `first\r\n\u001b[31msecond\u202e${'x'.repeat(1000)}`);

  const { message } = failed(await ask(server.origin));

  expect(message).toContain('HTTP 500: first [31msecond x');
  expect(message.length).toBeLessThan(400);
});

function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.length - 6;
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}
