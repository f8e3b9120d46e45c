import { expect, test } from 'vitest';

import { dayUrl, readRows, simulate } from './simulate.ts';

const dataset = 'core/maxExchanges';
const day = '2026-04-20';

async function ask(url: string, etag?: string | null) {
  const response = await fetch(url, { headers: etag == null ? {} : { 'if-none-match': etag } });
  const body = await response.text();
  return { status: response.status, etag: response.headers.get('etag'), body };
}

test('without the option there is no tag, and If-None-Match is not heeded', async () => {
  const simulator = await simulate();
  const first = await ask(dayUrl(simulator, dataset, day), '*');
  expect(first).toMatchObject({ status: 200, etag: null });
});

test('304 to who has the newest publication, and the new one to who has an older', async () => {
  const simulator = await simulate({ answersConditionally: true });
  const url = dayUrl(simulator, dataset, day);
  const first = await ask(url);
  expect(first.etag).toMatch(/^W\/"[0-9a-f]{8}"$/);
  expect(await ask(url, first.etag)).toEqual({ status: 304, etag: first.etag, body: '' });
  simulator.revise(dataset, day, { kind: 'republish' });
  const second = await ask(url, first.etag);
  expect(second.status).toBe(200);
  expect(second.etag).not.toBe(first.etag);
  expect(simulator.requests.map(({ status }) => status)).toEqual([200, 304, 200]);
});

test('Last-Modified is the newest publication, by which 304 is told to who has seen it', async () => {
  const simulator = await simulate({ datesAnswers: true });
  const url = dayUrl(simulator, dataset, day);
  const since = async (instant?: string | null) => {
    const response = await fetch(url, {
      headers: instant == null ? {} : { 'if-modified-since': instant },
    });
    await response.text();
    return { status: response.status, lastModified: response.headers.get('last-modified') };
  };
  const first = await since();
  expect(first).toEqual({ status: 200, lastModified: 'Sun, 19 Apr 2026 08:30:00 GMT' });
  expect(await since(first.lastModified)).toEqual({ ...first, status: 304 });
  expect(await since('Sun, 19 Apr 2026 08:29:59 GMT')).toEqual(first);
  simulator.revise(dataset, day, { kind: 'value' });
  const second = { status: 200, lastModified: 'Fri, 20 Nov 2026 12:00:00 GMT' };
  expect(await since(first.lastModified)).toEqual(second);
  // What is published within the same second is not told from it.
  simulator.clock.advance(999);
  simulator.revise(dataset, day, { kind: 'value' });
  expect(await since(second.lastModified)).toEqual({ ...second, status: 304 });
});

test('who sends both is answered by the tag', async () => {
  const simulator = await simulate({ answersConditionally: true, datesAnswers: true });
  const url = dayUrl(simulator, dataset, day);
  const { headers } = await fetch(url);
  const lastModified = headers.get('last-modified') ?? '';
  const statusFor = async (etag: string) =>
    (await fetch(url, { headers: { 'if-none-match': etag, 'if-modified-since': lastModified } }))
      .status;
  expect(await statusFor(headers.get('etag') ?? '')).toBe(304);
  expect(await statusFor('"other"')).toBe(200);
});

test('unasked_304: not modified, to a client that has nothing', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'unasked_304' });
  const url = dayUrl(simulator, dataset, day);
  expect(await ask(url)).toMatchObject({ status: 304, body: '' });
  expect(await readRows(url)).toHaveLength(24);
});

test('etag_changed: another tag for the same content', async () => {
  const simulator = await simulate({ answersConditionally: true });
  const url = dayUrl(simulator, dataset, day);
  const first = await ask(url);
  simulator.inject({ kind: 'etag_changed' });
  const second = await ask(url, first.etag);
  expect(second.status).toBe(200);
  expect(second.etag).not.toBe(first.etag);
  expect(second.body).toBe(first.body);
});

test('etag_unchanged: 304 although the day was revised', async () => {
  const simulator = await simulate({ answersConditionally: true });
  const url = dayUrl(simulator, dataset, day);
  const first = await ask(url);
  simulator.revise(dataset, day, { kind: 'value' });
  simulator.inject({ kind: 'etag_unchanged' });
  expect(await ask(url, first.etag)).toEqual({ status: 304, etag: first.etag, body: '' });
  expect((await ask(url, first.etag)).status).toBe(200);
});
