import { expect, test } from 'vitest';

import { createRateWindow, retryAfterText } from '../src/rate-limit.ts';
import { maxInAnyMinute } from '../src/request-log.ts';
import { dayUrl, readRows, simulate } from './simulate.ts';

const dataset = 'swe/Adjustment';
const day = '2026-04-20';

test('so many requests pass in any minute, and the next ones say how long they wait', () => {
  const window = createRateWindow();
  expect([0, 10_000, 20_000].map((atMs) => window.take(atMs, 3))).toEqual([0, 0, 0]);
  expect(window.take(20_000, 3)).toBe(40_000);
  expect(window.take(59_999, 3)).toBe(1);
  expect(window.take(60_000, 3)).toBe(0);
  expect(window.take(60_001, 3)).toBe(9_999);
});

test('over the limit the service says 429, with Retry-After, and logs it so', async () => {
  const simulator = await simulate({ rateLimit: { requestsPerMinute: 2 } });
  const url = dayUrl(simulator, dataset, day);
  await readRows(url);
  await readRows(url);
  const refused = await fetch(url);
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(simulator.requests.map(({ isRateLimited }) => isRateLimited)).toEqual([
    false,
    false,
    true,
  ]);
  simulator.configure({ rateLimit: null });
  expect(await readRows(url)).toHaveLength(24);
});

test('a refused request uses up no scripted fault', async () => {
  const simulator = await simulate({ rateLimit: { requestsPerMinute: 1 } });
  const url = dayUrl(simulator, dataset, day);
  await readRows(url);
  simulator.inject({ kind: 'http_503' });
  expect((await fetch(url)).status).toBe(429);
  expect(simulator.pendingFaults()).toBe(1);
});

test.each([
  ['date', /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/],
  ['absurd', /^31536000$/],
] as const)('Retry-After can be %s', async (retryAfter, form) => {
  const simulator = await simulate({ rateLimit: { requestsPerMinute: 1, retryAfter } });
  const url = dayUrl(simulator, dataset, day);
  await readRows(url);
  expect((await fetch(url)).headers.get('retry-after')).toMatch(form);
});

test('Retry-After can be missing', async () => {
  expect(retryAfterText('none', 5)).toBeUndefined();
  const rateLimit = { requestsPerMinute: 1, retryAfter: 'none' } as const;
  const simulator = await simulate({ rateLimit });
  const url = dayUrl(simulator, dataset, day);
  await readRows(url);
  expect((await fetch(url)).headers.has('retry-after')).toBe(false);
});

test.each([
  [[], 0],
  [[5], 1],
  [[0, 59_999], 2],
  [[0, 60_000], 1],
  [[0, 1, 59_999, 60_000, 60_001, 60_002], 4],
])('of requests at %j ms, %i are the most in any minute', (atMs, most) => {
  expect(maxInAnyMinute(atMs)).toBe(most);
});

test('the log counts every request of a minute, refused ones too', async () => {
  const simulator = await simulate({ rateLimit: { requestsPerMinute: 2 } });
  const url = dayUrl(simulator, dataset, day);
  for (let count = 0; count < 5; count += 1) await (await fetch(url)).text();
  expect(simulator.maxRequestsInAnyMinute()).toBe(5);
  simulator.clearRequests();
  expect(simulator.maxRequestsInAnyMinute()).toBe(0);
});

test('the log has what a client said of itself', async () => {
  const simulator = await simulate();
  const before = Date.now();
  const headers = { 'user-agent': 'a client (someone@example.org)', 'if-none-match': '"x"' };
  await (await fetch(dayUrl(simulator, dataset, day), { headers })).text();
  const [entry] = simulator.requests;
  expect(entry).toMatchObject({
    ordinal: 1,
    simulatedAtMs: simulator.clock.nowMs(),
    method: 'GET',
    path: '/swe/api/data/Adjustment',
    dataset,
    businessDay: day,
    fromMs: Date.parse('2026-04-19T22:00:00Z'),
    toMs: Date.parse('2026-04-20T22:00:00Z'),
    status: 200,
    userAgent: 'a client (someone@example.org)',
    ifNoneMatch: '"x"',
    ifModifiedSince: undefined,
  });
  expect(entry?.atMs).toBeGreaterThan(before - 1000);
  expect(entry?.remotePort).toBeGreaterThan(0);
});
