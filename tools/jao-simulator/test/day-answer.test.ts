import { gunzipSync } from 'node:zlib';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { dayEndMs, dayStartMs } from '../src/business-day.ts';
import { simulatedDatasets } from '../src/dataset.ts';
import { askRaw } from './raw-client.ts';
import { dayUrl, readRows, rowsOfTruth, simulate, windowUrl, withoutStamps } from './simulate.ts';
import type { Row } from './simulate.ts';

const names = simulatedDatasets.map(({ name }) => name);

/** The first rows of a day in the service's own bytes. */
async function dayText(dataset: string, day: string): Promise<string> {
  const simulator = await simulate();
  return (await askRaw(dayUrl(simulator, dataset, day))).body.toString();
}

test('a row of core/maxExchanges has whole megawatts in float form, and no lastModifiedOn', async () => {
  const text = await dayText('core/maxExchanges', '2026-04-20');
  expect(text).toMatch(
    /^\{"data":\[\{"id":\d+,"dateTimeUtc":"2026-04-19T22:00:00Z","border_AT_BE":\d+\.0,"border_AT_CZ":\d+\.0,/,
  );
  expect(text).toMatch(/\}\],"rejected":false,"messages":null\}$/);
  const values = text.match(/"border_\w+":[^,}]+/g) ?? [];
  expect(values).toHaveLength(24 * 132);
  expect(values.filter((field) => !/:\d+\.0$/.test(field))).toEqual([]);
});

test('a row of core/atc has integers, and null for the four keys of Italy', async () => {
  const text = await dayText('core/atc', '2026-04-20');
  const fields = text.match(/"border_\w+":[^,}]+/g) ?? [];
  expect(fields.filter((field) => !/:(null|\d+)$/.test(field))).toEqual([]);
  const nulls = fields.filter((field) => field.endsWith('null'));
  expect(nulls).toHaveLength(96 * 4);
  expect(nulls.every((field) => field.includes('IT'))).toBe(true);
});

test('a row of nordic/maxExchanges says when it was modified, without a zone and with two or three digits', async () => {
  const stamps = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const simulator = await simulate({ seed, jitterMinutes: 10 });
    const [row] = await readRows(dayUrl(simulator, 'nordic/maxExchanges', '2026-04-20'));
    stamps.add(String(row?.['lastModifiedOn']));
  }
  for (const stamp of stamps) expect(stamp).toMatch(/^2026-04-19T08:3\d:\d\d\.\d{2,3}$/);
  expect(stamps.size).toBe(8);
});

test.each(names)('%s: the answer is the truth, cell for cell', async (name) => {
  const simulator = await simulate();
  const window = { fromMs: dayStartMs('2026-06-10'), toMs: dayEndMs('2026-06-11') };
  const rows = await readRows(windowUrl(simulator, name, window));
  const truth = rowsOfTruth(simulator, name, window);
  expect(withoutStamps(rows)).toEqual(withoutStamps(truth));
  expect(rows.map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
});

test.each([
  ['core/maxExchanges', '2026-03-29', 23],
  ['core/maxExchanges', '2026-10-25', 25],
  ['core/netPos', '2026-03-29', 92],
  ['core/netPos', '2026-10-25', 100],
  ['core/netPos', '2025-09-30', 24],
  ['core/netPos', '2025-10-01', 96],
])('%s has %s in %i rows', async (name, day, count) => {
  const simulator = await simulate();
  const rows = await readRows(dayUrl(simulator, name, day));
  expect(rows).toHaveLength(count);
  expect(rows[0]?.dateTimeUtc).toBe(`${new Date(dayStartMs(day)).toISOString().slice(0, 19)}Z`);
});

test('a window over the day on which keys are added has rows of both kinds', async () => {
  const simulator = await simulate();
  const window = { fromMs: dayStartMs('2026-06-10'), toMs: dayEndMs('2026-06-11') };
  const rows = await readRows(windowUrl(simulator, 'core/maxExchanges', window));
  const counts = rows.map((row) => Object.keys(row).length - 2);
  expect(counts).toEqual([...Array<number>(24).fill(132), ...Array<number>(24).fill(150)]);
});

test('a range in chunks of any length is the range in one piece', async () => {
  const simulator = await simulate();
  const from = dayStartMs('2025-09-29');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 48 * 4 }), { minLength: 1, maxLength: 6 }),
      async (quarters) => {
        let fromMs = from;
        const chunked: Row[] = [];
        for (const count of quarters) {
          const toMs = fromMs + count * 900_000;
          chunked.push(...(await readRows(windowUrl(simulator, 'core/netPos', { fromMs, toMs }))));
          fromMs = toMs;
        }
        expect(chunked).toEqual(
          rowsOfTruth(simulator, 'core/netPos', { fromMs: from, toMs: fromMs }),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test('the same seed gives the same bytes, another seed others', async () => {
  const texts: string[] = [];
  for (const seed of [5, 5, 6]) {
    const simulator = await simulate({ seed });
    texts.push((await askRaw(dayUrl(simulator, 'core/atc', '2026-04-20'))).body.toString());
  }
  expect(texts[1]).toBe(texts[0]);
  expect(texts[2]).not.toBe(texts[0]);
});

test('gzip is sent to who takes it, and holds the same bytes', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, 'core/maxExchanges', '2026-04-20');
  const plain = await askRaw(url);
  expect(plain.head).not.toMatch(/content-encoding/i);
  expect((await askRaw(url, { 'Accept-Encoding': 'gzip;q=0, br' })).head).not.toMatch(
    /content-encoding/i,
  );
  for (const header of ['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8']) {
    const packed = await askRaw(url, { 'Accept-Encoding': header });
    expect(packed.head).toMatch(/content-encoding: gzip/i);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  }
});

test('a day before the first one, and one that is not out yet, are empty with 200', async () => {
  const simulator = await simulate();
  expect(await readRows(dayUrl(simulator, 'core/maxExchanges', '2022-06-08'))).toEqual([]);
  expect(await readRows(dayUrl(simulator, 'core/maxExchanges', '2022-06-09'))).toHaveLength(24);
  expect(await readRows(dayUrl(simulator, 'core/maxExchanges', '2026-11-22'))).toEqual([]);
  const text = (await askRaw(dayUrl(simulator, 'core/maxExchanges', '2026-11-22'))).body.toString();
  expect(text).toBe('{"data":[],"rejected":false,"messages":null}');
});

test.each([
  '/core/api/data/nothing',
  '/nordic/api/data/atc',
  '/nowhere/api/data/maxExchanges',
  '/nowhere/api/system/monitoring',
  '/core/api/data/maxExchanges/',
  '/core/api/data/IDCCB_maxExchanges',
  '/',
])('%s is answered with 404', async (path) => {
  const simulator = await simulate();
  const query = '?FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z';
  const { head } = await askRaw(`${simulator.url}${path}${query}`);
  expect(head).toMatch(/^HTTP\/1\.1 404 /);
  expect(simulator.requests[0]?.status).toBe(404);
});

test.each([
  ['without a fraction', 'FromUtc=2026-04-19T22:00:00Z&ToUtc=2026-04-20T22:00:00.000Z'],
  ['with an offset', 'FromUtc=2026-04-20T00:00:00.000%2B02:00&ToUtc=2026-04-20T22:00:00.000Z'],
  ['without a zone', 'FromUtc=2026-04-19T22:00:00.000&ToUtc=2026-04-20T22:00:00.000Z'],
  ['a bare date', 'FromUtc=2026-04-19&ToUtc=2026-04-20T22:00:00.000Z'],
  ['an impossible date', 'FromUtc=2026-02-30T22:00:00.000Z&ToUtc=2026-03-02T22:00:00.000Z'],
  ['no end', 'FromUtc=2026-04-19T22:00:00.000Z'],
  ['no window', ''],
  ['an empty window', 'FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-19T22:00:00.000Z'],
  ['the end first', 'FromUtc=2026-04-20T22:00:00.000Z&ToUtc=2026-04-19T22:00:00.000Z'],
  ['an empty Filter', 'FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z&Filter='],
  ['an unknown parameter', 'FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z&x=1'],
  [
    'a window given twice',
    'FromUtc=2026-04-19T22:00:00.000Z&FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z',
  ],
])('a request with %s is refused with 400', async (_, query) => {
  const simulator = await simulate();
  const { head, body } = await askRaw(`${simulator.url}/core/api/data/maxExchanges?${query}`);
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(body.toString())).toMatchObject({ status: 400 });
});

test('only GET is allowed', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, 'core/maxExchanges', '2026-04-20');
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
});

test('a window may have 48 hours, so that two local days over the autumn change are refused', async () => {
  const simulator = await simulate();
  const ask = async (from: string, to: string) => {
    const window = { fromMs: dayStartMs(from), toMs: dayEndMs(to) };
    return fetch(windowUrl(simulator, 'core/maxExchanges', window));
  };
  expect((await ask('2026-10-23', '2026-10-24')).status).toBe(200);
  const refused = await ask('2026-10-24', '2026-10-25');
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('48 hours');
  simulator.configure({ maxWindowHours: 24 });
  expect((await ask('2026-10-23', '2026-10-23')).status).toBe(200);
  expect((await ask('2026-10-25', '2026-10-25')).status).toBe(400);
});

test('what is kept to be sent again is bounded, and does not change what is sent', async () => {
  const simulator = await simulate({ cacheBytes: 50_000 });
  const days = ['2026-04-20', '2026-04-21', '2026-04-20', '2026-04-22', '2026-04-20'];
  for (const day of days) {
    const rows = await readRows(dayUrl(simulator, 'core/maxExchanges', day));
    const window = { fromMs: dayStartMs(day), toMs: dayEndMs(day) };
    expect(rows).toEqual(rowsOfTruth(simulator, 'core/maxExchanges', window));
  }
});

test('days that were built ahead are the same as days built when asked for', async () => {
  const [ahead, later] = [await simulate(), await simulate()];
  expect(ahead.precompute('core/maxExchanges', '2026-04-01', '2026-04-30')).toBe(30);
  const rows = await readRows(dayUrl(ahead, 'core/maxExchanges', '2026-04-20'));
  expect(rows).toEqual(await readRows(dayUrl(later, 'core/maxExchanges', '2026-04-20')));
});

test('a window of a few minutes has the delivery periods that start in it', async () => {
  const simulator = await simulate();
  const at = dayStartMs('2026-04-20');
  const count = async (fromMs: number, toMs: number) =>
    (await readRows(windowUrl(simulator, 'core/netPos', { fromMs, toMs }))).length;
  expect(await count(at, at + 1)).toBe(1);
  expect(await count(at + 1, at + 900_000)).toBe(0);
  expect(await count(at + 1, at + 900_001)).toBe(1);
});
