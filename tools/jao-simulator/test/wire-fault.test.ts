import { gunzipSync } from 'node:zlib';

import { expect, test, vi } from 'vitest';

import type { JaoSimulator } from '../src/index.ts';
import { askRaw, openRaw } from './raw-client.ts';
import { dayUrl, simulate } from './simulate.ts';

const day = '2026-04-20';

async function prepare(): Promise<{
  readonly simulator: JaoSimulator;
  readonly url: string;
  readonly truth: Buffer;
}> {
  const simulator = await simulate();
  const url = dayUrl(simulator, 'swe/Adjustment', day);
  const { body } = await askRaw(url);
  simulator.clearRequests();
  return { simulator, url, truth: body };
}

function lengthIn(head: string): number {
  return Number(/content-length: (\d+)/i.exec(head)?.[1]);
}

test('hang: nothing comes, until the simulator ends', async () => {
  const { simulator, url } = await prepare();
  simulator.inject({ kind: 'hang' });
  const connection = openRaw(url);
  await vi.waitFor(() => {
    expect(simulator.requests).toHaveLength(1);
  });
  expect((await askRaw(url)).head).toMatch(/ 200 /);
  expect(connection.received()).toHaveLength(0);
  expect(simulator.requests[0]).toMatchObject({ fault: 'hang', status: undefined });
  await simulator.close();
  expect((await connection.ends()).head).toBe('');
});

test('headers_then_nothing: a whole head, and no byte of the body', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'headers_then_nothing' });
  const connection = openRaw(url);
  await connection.receives('\r\n\r\n');
  await askRaw(url);
  expect(connection.received().toString()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
  expect(lengthIn(connection.received().toString())).toBe(truth.length);
  connection.socket.destroy();
});

test('drip: the truth, a byte at a time', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'drip', intervalMs: 1 });
  const connection = openRaw(url, { Connection: 'close' });
  await connection.receives('\r\n\r\n');
  const headBytes = connection.received().indexOf('\r\n\r\n') + 4;
  let events = 0;
  connection.socket.on('data', () => (events += 1));
  await connection.receives(headBytes + 20);
  expect(events).toBeGreaterThan(3);
  expect(connection.received().length).toBeLessThan(truth.length);
  connection.socket.destroy();
});

test('drip: whoever waits long enough has the whole of it', async () => {
  const { simulator, truth } = await prepare();
  const query = 'FromUtc=2026-04-20T00:00:00.000Z&ToUtc=2026-04-20T00:15:00.000Z';
  const url = `${simulator.url}/swe/api/data/Adjustment?${query}`;
  const whole = await askRaw(url);
  simulator.inject({ kind: 'drip', intervalMs: 1 });
  expect((await askRaw(url)).body.equals(whole.body)).toBe(true);
  expect(whole.body.length).toBeLessThan(truth.length);
});

test.each(['close_before_headers', 'reset_before_headers'] as const)(
  '%s: the connection ends without a byte',
  async (kind) => {
    const { simulator, url } = await prepare();
    simulator.inject({ kind });
    const answer = await askRaw(url);
    expect(answer).toEqual({
      head: '',
      body: Buffer.alloc(0),
      end: kind === 'reset_before_headers' ? 'reset' : 'closed',
    });
    expect(simulator.requests[0]).toMatchObject({ fault: kind, status: undefined });
  },
);

test('close_before_body: a head that promises a body, and the end', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'close_before_body' });
  const { head, body, end } = await askRaw(url);
  expect(lengthIn(head)).toBe(truth.length);
  expect(body).toHaveLength(0);
  expect(end).toBe('closed');
});

test('reset_in_body: half of the body, and a reset', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'reset_in_body' });
  const { head, body, end } = await askRaw(url);
  expect(lengthIn(head)).toBe(truth.length);
  expect(body.length).toBeLessThan(truth.length);
  expect(end).toBe('reset');
});

test('truncated_content_length: half of what the length promises, and a clean end', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'truncated_content_length' });
  const { head, body, end } = await askRaw(url);
  expect(lengthIn(head)).toBe(truth.length);
  expect(body.equals(truth.subarray(0, Math.floor(truth.length / 2)))).toBe(true);
  expect(end).toBe('closed');
});

test('truncated_chunked: half of the body in a chunk, and no last chunk', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'truncated_chunked' });
  const { head, body, end } = await askRaw(url);
  expect(head).toMatch(/transfer-encoding: chunked/i);
  const half = Math.floor(truth.length / 2);
  expect(body.toString()).toBe(`${half.toString(16)}\r\n${truth.subarray(0, half).toString()}\r\n`);
  expect(end).toBe('closed');
});

test('truncated_clean: sound HTTP around half of a document', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'truncated_clean', times: 2 });
  const { head, body } = await askRaw(url);
  expect(lengthIn(head)).toBe(body.length);
  expect(body.equals(truth.subarray(0, Math.floor(truth.length / 2)))).toBe(true);
  const packed = await askRaw(url, { 'Accept-Encoding': 'gzip' });
  expect(gunzipSync(packed.body).equals(body)).toBe(true);
});

test('content_length_too_short: more bytes than the length says', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'content_length_too_short' });
  const { head, body } = await askRaw(url);
  expect(lengthIn(head)).toBe(truth.length - 100);
  expect(body.equals(truth)).toBe(true);
});

test('content_length_too_long: the truth, and an open connection that says more is to come', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'content_length_too_long' });
  const connection = openRaw(url);
  await connection.receives('"messages":null}');
  await askRaw(url);
  expect(lengthIn(connection.received().toString())).toBe(truth.length + 100);
  expect(connection.socket.readyState).toBe('open');
  connection.socket.destroy();
});

test('gzip_bomb: about a thousand times larger when it is unpacked', async () => {
  const { simulator, url } = await prepare();
  const sizeBytes = 16 * 2 ** 20;
  simulator.inject({ kind: 'gzip_bomb', sizeBytes });
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  const text = await response.text();
  expect(text).toHaveLength(sizeBytes);
  expect(JSON.parse(text)).toEqual({ data: [], rejected: false, messages: null });

  simulator.inject({ kind: 'gzip_bomb', sizeBytes });
  const { body } = await askRaw(url);
  expect(body.length).toBeLessThan(sizeBytes / 900);
});

test('huge_body: as many bytes as were ordered, and a client that hangs up harms nobody', async () => {
  const { simulator, url } = await prepare();
  simulator.inject({ kind: 'huge_body', sizeBytes: 3_000_000 });
  const { head, body } = await askRaw(url);
  expect(lengthIn(head)).toBe(3_000_000);
  expect(body).toHaveLength(3_000_000);
  expect(JSON.parse(body.toString())).toEqual({ data: [], rejected: false, messages: null });

  simulator.inject({ kind: 'huge_body' });
  const connection = openRaw(url);
  await connection.receives(100_000);
  connection.socket.destroy();
  expect((await askRaw(url)).head).toMatch(/ 200 /);
});

test.each(['gzip_truncated', 'gzip_damaged'] as const)(
  '%s: a length that is right, and a stream that is not',
  async (kind) => {
    const { simulator, url } = await prepare();
    simulator.inject({ kind });
    const { head, body } = await askRaw(url, { 'Accept-Encoding': 'gzip' });
    expect(head).toMatch(/content-encoding: gzip/i);
    expect(lengthIn(head)).toBe(body.length);
    expect(() => gunzipSync(body)).toThrow(
      kind === 'gzip_truncated' ? /unexpected end of file/ : /incorrect data check/,
    );
  },
);

test('double_gzip: unpacked once it is still packed', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'double_gzip' });
  const { head, body } = await askRaw(url, { 'Accept-Encoding': 'gzip' });
  expect(head.match(/content-encoding: gzip/gi)).toHaveLength(1);
  expect(gunzipSync(gunzipSync(body)).equals(truth)).toBe(true);
});

test('wrong_content_encoding: says gzip, and is the plain document', async () => {
  const { simulator, url, truth } = await prepare();
  simulator.inject({ kind: 'wrong_content_encoding' });
  const { head, body } = await askRaw(url, { 'Accept-Encoding': 'gzip' });
  expect(head).toMatch(/content-encoding: gzip/i);
  expect(body.equals(truth)).toBe(true);
});

test('unknown_content_encoding: an encoding that nobody asked for', async () => {
  const { simulator, url } = await prepare();
  simulator.inject({ kind: 'unknown_content_encoding' });
  expect((await askRaw(url)).head).toMatch(/content-encoding: x-unknown/i);
});
