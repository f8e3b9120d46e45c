import { addDays, businessDayOf, daysBetween, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { contractOf } from '../store/test-store.ts';
import { wholeDays } from './history.ts';
import type { History } from './history.ts';
import { createDatabaseWith } from './write-history.ts';

const contract = contractOf('core/maxExchanges');
const hourMs = 3_600_000;

/** Days of which each key has all but those that are named. */
function daysWithout(
  days: readonly BusinessDay[],
  keys: readonly string[],
  without: Readonly<Record<string, readonly BusinessDay[]>>,
): History {
  return days
    .map((day) =>
      wholeDays(
        contract,
        [day],
        keys.filter((key) => without[key]?.includes(day) !== true),
      ),
    )
    .reduce((left, right) => ({
      ...left,
      attempts: [...left.attempts, ...right.attempts],
      keySets: [...left.keySets, ...right.keySets],
      versions: [...left.versions, ...right.versions],
    }));
}

async function read(history: History): Promise<PostgresDatabase> {
  const { database, owner } = await createDatabaseWith(contract, history);
  await owner.close();
  const reader = await openAs(database, 'reader');
  onTestFinished(() => reader.close());
  return reader;
}

/** What is believed at a time of a key, day by day: `10 present`, `11 not_expected: reason`. */
async function told(
  reader: PostgresDatabase,
  key: string,
  { from, to, at }: { readonly from: BusinessDay; readonly to: BusinessDay; readonly at: string },
): Promise<string[]> {
  const rows = await reader.rows(
    z.object({ line: z.string() }),
    `select format('%s %s', right(business_day::text, 2), state) || coalesce(': ' || reason, '') as line
     from jao.coverage_as_of($1)
     where region = 'core' and dataset = 'maxExchanges' and key = $2 and business_day between $3 and $4
     order by business_day, delivery_start`,
    [at, key, from, to],
  );
  return rows.map(({ line }) => line);
}

test('a series that begins is not expected before its first day, and the others are', async () => {
  const days = daysBetween('2026-03-10', '2026-03-13');
  const reader = await read(daysWithout(days, ['a', 'b'], { b: ['2026-03-10', '2026-03-11'] }));
  const period = { from: '2026-03-09', to: '2026-03-12', at: '2026-03-20T00:00:00Z' };
  expect(await told(reader, 'b', period)).toEqual([
    '09 not_expected: the series begins with 2026-03-12',
    '10 not_expected: the series begins with 2026-03-12',
    '11 not_expected: the series begins with 2026-03-12',
    '12 present',
  ]);
  // Nobody knows whether a was there before the first answer.
  expect(await told(reader, 'a', period)).toEqual([
    '09 not_collected: never asked for',
    '10 present',
    '11 present',
    '12 present',
  ]);
});

test('a key that vanishes for a day is a gap that is explained, whole as the day is otherwise', async () => {
  const days = daysBetween('2026-03-10', '2026-03-12');
  const reader = await read(daysWithout(days, ['a', 'b'], { b: ['2026-03-11'] }));
  const at = '2026-03-20T00:00:00Z';
  expect(await told(reader, 'b', { from: '2026-03-10', to: '2026-03-12', at })).toEqual([
    '10 present',
    '11 not_provided: last answer: stored, without the key',
    '12 present',
  ]);
  expect(
    await reader.row(
      z.object({
        cells: z.number(),
        present: z.number(),
        not_provided: z.number(),
        ratio: z.number(),
      }),
      `select cells, present, not_provided, completeness as ratio from jao.completeness_as_of($1)
       where region = 'core' and dataset = 'maxExchanges' and business_day = '2026-03-11'`,
      [at],
    ),
  ).toEqual({ cells: 48, present: 24, not_provided: 24, ratio: 0.5 });
});

test('a series that is lacking is missing for a fortnight, and has ended from then on', async () => {
  const days = daysBetween('2026-03-10', '2026-03-27');
  const last = '2026-03-12';
  const gone = days.filter((day) => day > last);
  const reader = await read(daysWithout(days, ['a', 'b'], { b: gone }));
  const endedDay = addDays(last, 14);
  const endsMs = dueAtMs(contract, endedDay) + hourMs;
  const period = { from: last, to: '2026-03-14' };
  const before = new Date(endsMs - 1).toISOString();
  expect(await told(reader, 'b', { ...period, at: before })).toEqual([
    '12 present',
    '13 not_provided: last answer: stored, without the key',
    '14 not_provided: last answer: stored, without the key',
  ]);
  const after = new Date(endsMs).toISOString();
  expect(await told(reader, 'b', { ...period, at: after })).toEqual([
    '12 present',
    '13 not_expected: the series ended with 2026-03-12',
    '14 not_expected: the series ended with 2026-03-12',
  ]);
  expect(
    await reader.row(
      z.object({ since: z.date(), completeness: z.number(), expected: z.number() }),
      `select c.since, k.completeness, (k.cells - k.not_expected) as expected
       from jao.coverage c join jao.completeness k using (region, dataset, business_day)
       where c.region = 'core' and c.dataset = 'maxExchanges' and c.key = 'b' and c.business_day = '2026-03-14'`,
    ),
  ).toEqual({ since: new Date(endsMs), completeness: 1, expected: 24 });
});

test('a backfill long after the fact makes no gap late, and says since when it is known', async () => {
  // All of it was learned in September; one day has no answer, one lacks a key.
  const backfilledMs = Date.parse('2026-09-01T10:00:00Z');
  const days = ['2026-03-28', '2026-03-29', '2026-03-31'];
  const inTime = daysWithout(days, ['a', 'b'], { b: ['2026-03-29'] });
  const reader = await read({
    ...inTime,
    attempts: inTime.attempts.map((attempt, index) => ({
      ...attempt,
      endedMs: backfilledMs + index * 1000,
    })),
    keySets: inTime.keySets.map((set, index) => ({
      ...set,
      knownFromMs: backfilledMs + index * 1000,
    })),
    versions: inTime.versions.map((version) => ({
      ...version,
      knownFromMs:
        backfilledMs + days.indexOf(businessDayOf(contract, version.deliveryStartMs)) * 1000,
    })),
  });
  const rows = (at: string) =>
    reader.rows(
      z.object({ line: z.string(), since: z.date().nullable() }),
      `select concat_ws(' ', right(business_day::text, 2), state, cells) as line, since
       from jao.coverage_as_of($1)
       where region = 'core' and dataset = 'maxExchanges' and key = 'b' and business_day between '2026-03-28' and '2026-03-31'
       order by business_day`,
      [at],
    );
  const at = (seconds: number) => new Date(backfilledMs + seconds * 1000);
  expect(await rows('2026-09-02T00:00:00Z')).toEqual([
    { line: '28 present 24', since: at(0) },
    // The clocks go forward.
    { line: '29 not_provided 23', since: at(1) },
    { line: '30 not_collected 24', since: at(0) },
    { line: '31 present 24', since: at(2) },
  ]);
  // A second into the backfill two of the days were known.
  expect((await rows(at(1).toISOString())).map(({ line }) => line)).toEqual([
    '28 present 24',
    '29 not_provided 23',
    '30 not_collected 24',
    '31 not_collected 24',
  ]);
  // At six in the morning nothing was known of any key.
  expect(await rows('2026-09-01T06:00:00Z')).toEqual([]);
});
