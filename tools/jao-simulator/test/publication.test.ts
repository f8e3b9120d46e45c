import { expect, test } from 'vitest';

import { addDays, dayEndMs, dayStartMs } from '../src/business-day.ts';
import type { JaoSimulator, Revision } from '../src/index.ts';
import { dayUrl, late, readRows, simulate, withoutStamps } from './simulate.ts';

const dataset = 'core/maxExchanges';
const day = '2026-04-20';
const minuteMs = 60_000;
const hourMs = 3_600_000;
const start = dayStartMs(day);

function valueAt(simulator: JaoSimulator, key = 'border_AT_BE', hour = 0) {
  const [row] = simulator.truth(dataset, start + hour * hourMs, start + (hour + 1) * hourMs);
  return row?.values.get(key);
}

test.each([
  ['core/maxExchanges', '2026-07-02', '2026-07-01T08:30:00.000Z'],
  ['core/maxExchanges', '2026-01-02', '2026-01-01T09:30:00.000Z'],
  ['core/netPos', '2026-07-02', '2026-07-01T13:50:00.000Z'],
  ['core/scheduledExchanges', '2026-01-02', '2026-01-01T14:50:00.000Z'],
  ['core/priceSpread', '2026-01-02', '2026-01-01T14:50:00.000Z'],
  ['core/atc', '2026-10-25', '2026-10-24T08:30:00.000Z'],
  ['core/atc', '2026-10-26', '2026-10-25T09:30:00.000Z'],
])('without jitter %s comes out for %s at %s, and not before', async (name, of, at) => {
  const simulator = await simulate({ nowMs: Date.parse(at) - 1 });
  expect(await readRows(dayUrl(simulator, name, of))).toEqual([]);
  simulator.clock.advance(1);
  expect(await readRows(dayUrl(simulator, name, of))).not.toEqual([]);
});

test('with jitter a day comes out some minutes after it is due, each day at another', async () => {
  const simulator = await simulate({ jitterMinutes: 10 });
  const exact = await simulate();
  const from = '2026-01-01';
  const all = simulator.publications(dataset, from, addDays(from, 99));
  const due = exact.publications(dataset, from, addDays(from, 99));
  const delays = all.map(({ atMs }, at) => atMs - (due[at]?.atMs ?? 0));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThan(10 * minuteMs);
  expect(new Set(delays).size).toBeGreaterThan(90);
});

test('the newest published day follows the clock', async () => {
  const simulator = await simulate({ nowMs: Date.parse('2026-11-20T09:29:59Z') });
  expect(simulator.lastPublishedDay(dataset)).toBe('2026-11-20');
  simulator.clock.advance(1000);
  expect(simulator.lastPublishedDay(dataset)).toBe('2026-11-21');
  expect(simulator.lastPublishedDay('core/netPos')).toBe('2026-11-20');
  simulator.clock.set(Date.parse('2020-01-01T00:00:00Z'));
  expect(simulator.lastPublishedDay(dataset)).toBeUndefined();
});

test('a clock that runs moves on by itself, and stands again when it is stopped', async () => {
  const simulator = await simulate({ nowMs: late });
  expect(simulator.clock.nowMs()).toBe(late);
  simulator.clock.run(1e9);
  await expect.poll(() => simulator.clock.nowMs()).toBeGreaterThan(late);
  simulator.clock.run(0);
  const stopped = simulator.clock.nowMs();
  await readRows(dayUrl(simulator, dataset, day));
  expect(simulator.clock.nowMs()).toBe(stopped);
});

test('values revised twice and given back are A, B, C and A again, each under new row ids', async () => {
  const simulator = await simulate();
  const seen: unknown[] = [];
  const ids = new Set<unknown>();
  const look = async () => {
    const [row] = await readRows(dayUrl(simulator, dataset, day));
    seen.push(row?.['border_AT_BE']);
    ids.add(row?.id);
  };
  await look();
  for (const kind of ['value', 'value', 'return'] as const) {
    simulator.clock.advance(minuteMs);
    simulator.revise(dataset, day, { kind });
    await look();
  }
  expect(new Set(seen).size).toBe(3);
  expect(seen[3]).toBe(seen[0]);
  expect(ids.size).toBe(4);
});

test('each cell of a revision by value gets another value than it had', async () => {
  const simulator = await simulate();
  for (let round = 0; round < 5; round += 1) {
    const before = simulator.truth('core/atc', start, dayEndMs(day));
    simulator.revise('core/atc', day, { kind: 'value' });
    const after = simulator.truth('core/atc', start, dayEndMs(day));
    for (const [at, row] of after.entries()) {
      for (const [key, value] of row.values) {
        if (key.includes('IT')) expect(value).toBeNull();
        else expect(value).not.toBe(before[at]?.values.get(key));
      }
    }
  }
});

test('a revision of some cells leaves the others as they were', async () => {
  const simulator = await simulate();
  const before = simulator.truth(dataset, start, dayEndMs(day));
  simulator.revise(dataset, day, {
    kind: 'value',
    keys: ['border_AT_BE'],
    deliveryStartsMs: [start + 3 * hourMs],
    value: 12.5,
  });
  const after = simulator.truth(dataset, start, dayEndMs(day));
  const changed = after.flatMap((row, at) =>
    [...row.values].flatMap(([key, value]) =>
      value === before[at]?.values.get(key) ? [] : [{ at, key, value }],
    ),
  );
  expect(changed).toEqual([{ at: 3, key: 'border_AT_BE', value: 12.5 }]);
});

test.each<[string, Revision, (simulator: JaoSimulator) => void]>([
  [
    'null: the key stays, with null',
    { kind: 'null', keys: ['border_AT_BE'] },
    (simulator) => {
      expect(valueAt(simulator)).toBeNull();
    },
  ],
  [
    'withdraw_key: the key is not there',
    { kind: 'withdraw_key', keys: ['border_AT_BE'] },
    (simulator) => {
      expect(valueAt(simulator)).toBeUndefined();
      expect(valueAt(simulator, 'border_AT_CZ')).toBeTypeOf('number');
    },
  ],
  [
    'withdraw_row: the row is not there',
    { kind: 'withdraw_row', deliveryStartsMs: [start] },
    (simulator) => {
      expect(simulator.truth(dataset, start, dayEndMs(day))).toHaveLength(23);
    },
  ],
  [
    'add_key: a key that the day did not have',
    { kind: 'add_key', keys: ['border_NEW_KEY'] },
    (simulator) => {
      expect(valueAt(simulator, 'border_NEW_KEY', 5)).toBeTypeOf('number');
    },
  ],
])('%s, and return brings the first content back', async (_, revision, check) => {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, day);
  const before = await readRows(url);
  simulator.revise(dataset, day, revision);
  check(simulator);
  const revised = await readRows(url);
  expect(withoutStamps(revised)).not.toEqual(withoutStamps(before));
  simulator.revise(dataset, day, { kind: 'return' });
  expect(withoutStamps(await readRows(url))).toEqual(withoutStamps(before));
});

test('a re-publication has equal values under new row ids', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, day);
  const before = await readRows(url);
  simulator.revise(dataset, day, { kind: 'republish' });
  const after = await readRows(url);
  expect(withoutStamps(after)).toEqual(withoutStamps(before));
  const ids = new Set([...before, ...after].map(({ id }) => id));
  expect(ids.size).toBe(48);
});

test('a revision for later waits for the clock, and the past stays as it was', async () => {
  const simulator = await simulate();
  const publication = simulator.revise(dataset, day, { kind: 'null', atMs: late + hourMs });
  expect(publication).toMatchObject({ origin: 'script', atMs: late + hourMs, businessDay: day });
  expect(valueAt(simulator)).not.toBeNull();
  simulator.clock.set(late + hourMs);
  expect(valueAt(simulator)).toBeNull();
  const [then] = simulator.truth(dataset, start, start + 1, late + hourMs - 1);
  expect(then?.values.get('border_AT_BE')).toBeTypeOf('number');
});

test('a day that is not out cannot be revised, and mistakes are named', async () => {
  const simulator = await simulate();
  expect(() => simulator.revise(dataset, '2026-12-24', { kind: 'value' })).toThrow(/not published/);
  expect(() => simulator.revise('core/none', day, { kind: 'value' })).toThrow(/core\/none/);
  expect(() => simulator.revise(dataset, day, { kind: 'add_key' })).toThrow(/needs keys/);
  expect(() => simulator.revise(dataset, day, { kind: 'value', value: NaN })).toThrow(/NaN/);
});

test('a day can be late, or never come', async () => {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, '2026-11-21');
  simulator.postpone(dataset, '2026-11-21', late + hourMs);
  expect(await readRows(url)).toEqual([]);
  simulator.clock.advance(hourMs);
  expect(await readRows(url)).toHaveLength(24);
  simulator.postpone(dataset, '2026-11-21', null);
  expect(await readRows(url)).toEqual([]);
});

test('two days in a hundred are revised at random, within two days of coming out', async () => {
  const simulator = await simulate({ revisionRate: 0.02 });
  const all = simulator.publications(dataset, '2022-06-09', '2026-11-20');
  const initial = new Map(
    all.filter(({ kind }) => kind === 'initial').map((each) => [each.businessDay, each.atMs]),
  );
  const revisions = all.filter(({ origin }) => origin === 'random');
  const revisedDays = new Set(revisions.map(({ businessDay }) => businessDay));
  expect(revisedDays.size).toBeGreaterThan(15);
  expect(revisedDays.size).toBeLessThan(60);
  expect(new Set(revisions.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(4);
  for (const { businessDay, atMs } of revisions) {
    const delayMs = atMs - (initial.get(businessDay) ?? 0);
    expect(delayMs).toBeGreaterThanOrEqual(hourMs);
    expect(delayMs).toBeLessThan(48 * hourMs);
  }
});

test('a random revision changes what is served at the moment that the list of publications says', async () => {
  const simulator = await simulate({ revisionRate: 1 });
  const revised = simulator
    .publications(dataset, '2026-04-01', '2026-04-30')
    .filter(({ kind }) => kind !== 'initial' && kind !== 'republish');
  expect(revised.length).toBeGreaterThan(20);
  for (const { businessDay, atMs } of revised) {
    const window = [dayStartMs(businessDay), dayEndMs(businessDay)] as const;
    const before = simulator.truth(dataset, ...window, atMs - 1);
    const after = simulator.truth(dataset, ...window, atMs);
    expect(after).not.toEqual(before);
    expect(after[0]?.publishedAtMs).toBe(atMs);
  }
});
