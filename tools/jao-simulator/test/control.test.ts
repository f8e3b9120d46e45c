import { expect, test } from 'vitest';

import { dayUrl, readRows, simulate } from './simulate.ts';

const dataset = 'core/maxExchanges';
const day = '2026-04-20';

async function control(
  origin: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${origin}/_control/${path}`, init);
  return { status: response.status, json: await response.json() };
}

test('another process sets the clock, and what is out follows it', async () => {
  const { url, ...simulator } = await simulate({ nowMs: Date.parse('2026-11-20T09:00:00Z') });
  expect((await control(url, 'GET', 'clock')).json).toEqual({
    nowMs: Date.parse('2026-11-20T09:00:00Z'),
    now: '2026-11-20T09:00:00.000Z',
  });
  const next = dayUrl({ ...simulator, url }, dataset, '2026-11-21');
  expect(await readRows(next)).toEqual([]);
  await control(url, 'POST', 'clock', { advanceMs: 1_800_000 });
  expect(await readRows(next)).toHaveLength(24);
  await control(url, 'POST', 'clock', { set: '2026-11-20T10:00:00+01:00' });
  expect(simulator.clock.nowMs()).toBe(Date.parse('2026-11-20T09:00:00Z'));
  await control(url, 'POST', 'clock', { run: 0 });
});

test('another process revises a day, and asks for the truth and for all publications', async () => {
  const simulator = await simulate();
  const revised = await control(simulator.url, 'POST', 'revise', {
    dataset,
    businessDay: day,
    kind: 'value',
    keys: ['border_AT_BE'],
    deliveryStarts: ['2026-04-19T22:00:00Z'],
    value: 7,
  });
  expect(revised.json).toMatchObject({ kind: 'value', origin: 'script' });
  const query = `dataset=${dataset}&from=2026-04-19T22:00:00Z&to=2026-04-19T23:00:00Z`;
  expect((await control(simulator.url, 'GET', `truth?${query}`)).json).toMatchObject({
    rows: [{ businessDay: day, values: { border_AT_BE: 7 } }],
  });
  const days = `publications?dataset=${dataset}&from=${day}&to=${day}`;
  expect((await control(simulator.url, 'GET', days)).json).toMatchObject({
    publications: [{ kind: 'initial' }, { kind: 'value', value: 7 }],
  });
  await control(simulator.url, 'POST', 'postpone', { dataset, businessDay: day, at: null });
  expect(await readRows(dayUrl(simulator, dataset, day))).toEqual([]);
});

test('another process injects faults, reads the log and empties it', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, day);
  const fault = { kind: 'http_503', times: null, dataset };
  expect((await control(simulator.url, 'POST', 'fault', fault)).json).toEqual({ pending: 1 });
  expect((await fetch(url)).status).toBe(503);
  expect((await fetch(url)).status).toBe(503);
  expect((await control(simulator.url, 'DELETE', 'faults')).json).toEqual({ pending: 0 });
  expect((await fetch(url)).status).toBe(200);
  expect((await control(simulator.url, 'GET', 'requests')).json).toMatchObject({
    maxInAnyMinute: 3,
    strayConnections: 0,
    requests: [{ status: 503, fault: 'http_503' }, { status: 503 }, { status: 200 }],
  });
  await control(simulator.url, 'DELETE', 'requests');
  expect(simulator.requests).toEqual([]);
});

test('another process changes the settings', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, day);
  const settings = {
    maxWindowHours: 12,
    answersConditionally: true,
    datesAnswers: true,
    rateLimit: null,
    randomFaults: { rate: 0, kinds: ['hang'] },
  };
  const { status } = await control(simulator.url, 'POST', 'settings', settings);
  expect(status).toBe(200);
  expect((await fetch(url)).status).toBe(400);
  await control(simulator.url, 'POST', 'settings', { maxWindowHours: 48 });
  const { headers } = await fetch(url);
  expect([headers.has('etag'), headers.has('last-modified')]).toEqual([true, true]);
});

test.each([
  ['POST', 'clock', { forward: 1 }],
  ['POST', 'clock', { set: 'tomorrow' }],
  ['POST', 'revise', { dataset, businessDay: day, kind: 'nothing' }],
  ['POST', 'revise', { dataset: 'core/none', businessDay: day, kind: 'value' }],
  ['POST', 'revise', { dataset, businessDay: '2027-01-01', kind: 'value' }],
  ['POST', 'fault', { kind: 'no_such_fault' }],
  ['POST', 'settings', { unknown: 1 }],
  ['POST', 'settings', { randomFaults: { rate: 2 } }],
  ['GET', 'truth?dataset=core/maxExchanges', undefined],
] as const)('%s %s with a mistake is refused with 400', async (method, path, body) => {
  const simulator = await simulate();
  const { status, json } = await control(simulator.url, method, path, body);
  expect(status).toBe(400);
  expect(json).toMatchObject({ detail: expect.any(String) as string });
});

test('what is no JSON is refused, and an unknown command is not found', async () => {
  const simulator = await simulate();
  const broken = { method: 'POST', body: '{' };
  expect((await fetch(`${simulator.url}/_control/clock`, broken)).status).toBe(400);
  expect((await control(simulator.url, 'GET', 'nothing')).status).toBe(404);
  expect((await control(simulator.url, 'GET', 'toString')).status).toBe(404);
  expect(simulator.requests).toEqual([]);
});
