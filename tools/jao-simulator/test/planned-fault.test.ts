import { expect, test } from 'vitest';

import type { Fault, FaultKind } from '../src/index.ts';
import { askRaw } from './raw-client.ts';
import { dayUrl, readRows, simulate } from './simulate.ts';

const dataset = 'core/maxExchanges';
const day = '2026-04-20';

async function askWith(fault: Fault, headers: Readonly<Record<string, string>> = {}) {
  const simulator = await simulate();
  simulator.inject(fault);
  const answer = await askRaw(dayUrl(simulator, dataset, day), headers);
  const [entry] = simulator.requests;
  const status = Number(/^HTTP\/1\.1 (\d+) /.exec(answer.head)?.[1]);
  expect(entry).toMatchObject({ fault: fault.kind, status, isContentFault: false, dataset });
  // The next one is answered as if nothing had been.
  expect(await readRows(dayUrl(simulator, dataset, day))).toHaveLength(24);
  return { simulator, status, head: answer.head, body: answer.body.toString() };
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
}

test.each<[FaultKind, number]>([
  ['http_400_range', 400],
  ['http_403', 403],
  ['http_404', 404],
  ['http_500', 500],
  ['http_502', 502],
  ['http_503', 503],
  ['http_504', 504],
])('%s', async (kind, status) => {
  expect((await askWith({ kind })).status).toBe(status);
});

test('429 comes with Retry-After as seconds, as a date, absurd, or without it', async () => {
  const after = async (fault: Fault) => {
    const { status, head } = await askWith(fault);
    expect(status).toBe(429);
    return headerOf(head, 'retry-after');
  };
  expect(await after({ kind: 'http_429_seconds' })).toBe('1');
  expect(await after({ kind: 'http_429_seconds', seconds: 17 })).toBe('17');
  const before = Date.now();
  const date = Date.parse((await after({ kind: 'http_429_date', seconds: 60 })) ?? '');
  expect(date).toBeGreaterThanOrEqual(before + 60_000 - 1000);
  expect(date).toBeLessThanOrEqual(Date.now() + 62_000);
  expect(await after({ kind: 'http_429_absurd' })).toBe('31536000');
  expect(await after({ kind: 'http_429_none' })).toBeUndefined();
});

test.each<[FaultKind, string]>([
  ['error_object', '{"error":"An unexpected error occurred."}'],
  ['empty_body', ''],
  ['empty_array', '[]'],
  ['json_null', 'null'],
  ['empty_object', '{}'],
  ['data_null', '{"data":null,"rejected":false,"messages":null}'],
  ['data_object', '{"data":{},"rejected":false,"messages":null}'],
  ['rejected', '{"data":[],"rejected":true,"messages":["The request was rejected."]}'],
])('%s: 200 with %s', async (kind, expected) => {
  const { status, body, head } = await askWith({ kind });
  expect(status).toBe(200);
  expect(body).toBe(expected);
  expect(headerOf(head, 'content-type')).toMatch(/^application\/json/);
});

test('html_page: 200 with a page for people', async () => {
  const { status, body, head } = await askWith({ kind: 'html_page' });
  expect(status).toBe(200);
  expect(headerOf(head, 'content-type')).toMatch(/^text\/html/);
  expect(body).toMatch(/^<!DOCTYPE html>/);
});

test('no_content: 204 and nothing', async () => {
  const { status, body } = await askWith({ kind: 'no_content' });
  expect([status, body]).toEqual([204, '']);
});

test('invalid_utf8: a byte that no text has, in a string', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'invalid_utf8' });
  const { body } = await askRaw(dayUrl(simulator, dataset, day));
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(body)).toThrow(TypeError);
  expect(JSON.parse(body.toString())).toHaveProperty('data');
});

test('value_nan: NaN where a number should be, which is no JSON', async () => {
  const { body } = await askWith({ kind: 'value_nan' });
  expect(body).toMatch(/"border_AT_BE":NaN,/);
  expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
});

test('wrong_date: the header is a day slow, or as wrong as was ordered', async () => {
  const slow = await askWith({ kind: 'wrong_date' });
  const error = Date.parse(headerOf(slow.head, 'date') ?? '') - Date.now();
  expect(error).toBeLessThan(-86_000_000);
  const fast = await askWith({ kind: 'wrong_date', seconds: 600 });
  expect(Date.parse(headerOf(fast.head, 'date') ?? '') - Date.now()).toBeGreaterThan(590_000);
});

test.each<[FaultKind, RegExp]>([
  ['redirect_same_origin', /^\/_redirected\/core\/api\/data\/maxExchanges\?FromUtc=/],
  ['redirect_loop', /^\/core\/api\/data\/maxExchanges\?FromUtc=/],
  ['redirect_other_host', /^http:\/\/elsewhere\.invalid\/core\//],
  ['redirect_other_port', /^http:\/\/127\.0\.0\.1:\d+\/core\//],
  ['redirect_downgrade', /^http:\/\/127\.0\.0\.1:\d+\/core\//],
  ['redirect_link_local', /^http:\/\/169\.254\.169\.254\//],
  ['redirect_localhost', /^http:\/\/localhost:\d+\/core\//],
  ['redirect_ipv6_loopback', /^http:\/\/\[::1\]:\d+\/core\//],
])('%s: 302 to %s', async (kind, location) => {
  const { status, head, simulator } = await askWith({ kind });
  expect(status).toBe(302);
  const to = headerOf(head, 'location') ?? '';
  expect(to).toMatch(location);
  expect(to.startsWith(simulator.url)).toBe(false);
});

test('a redirect within the origin leads to the answer', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'redirect_same_origin' });
  expect(await readRows(dayUrl(simulator, dataset, day))).toHaveLength(24);
  expect(simulator.requests.map(({ status, path }) => [status, path])).toEqual([
    [302, '/core/api/data/maxExchanges'],
    [200, '/core/api/data/maxExchanges'],
  ]);
});

test('who follows a redirect to another port is found out', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'redirect_other_port' });
  simulator.inject({ kind: 'redirect_localhost' });
  expect(simulator.strayConnections).toBe(0);
  await (await fetch(dayUrl(simulator, dataset, day))).text();
  await (await fetch(dayUrl(simulator, dataset, day))).text();
  expect(simulator.strayConnections).toBeGreaterThanOrEqual(1);
});

test('a redirect loop goes on as long as it was ordered', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'redirect_loop', times: Infinity });
  await expect(fetch(dayUrl(simulator, dataset, day))).rejects.toThrow();
  expect(simulator.requests.length).toBeGreaterThan(10);
  simulator.clearFaults();
  expect(await readRows(dayUrl(simulator, dataset, day))).toHaveLength(24);
});
