import { deliveryStarts, dueAtMs } from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { contractOf } from '../store/test-store.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { emptyHistory } from './history.ts';
import type { History } from './history.ts';
import { readCoverage } from './read-coverage.ts';
import { createDatabaseWith } from './write-history.ts';

const hourMs = 3_600_000;

describe('one day of one dataset', () => {
  const contract = contractOf('core/maxExchanges');
  const day = '2026-03-10';
  const dueMs = dueAtMs(contract, day);
  const graceMs = contract.publication.graceMinutes * 60_000;
  const early = dueMs - hourMs;
  const answered = dueMs + hourMs;
  const [first = 0, second = 0] = deliveryStarts(contract, day);
  const known = { day: '2026-03-09', knownFromMs: dueMs - 24 * hourMs, keys: ['a'] };
  const stored = { day, endedMs: answered, outcome: 'stored' } as const;
  const version = {
    key: 'a',
    deliveryStartMs: first,
    knownFromMs: answered,
    value: 5,
    withdrawn: false,
  };
  const refused = {
    day,
    key: null,
    deliveryStartMs: null,
    reason: 'failed_check',
    createdMs: answered - 1,
    decidedMs: null,
  };
  const wholeDay = deliveryStarts(contract, day).map((deliveryStartMs) => ({
    ...version,
    deliveryStartMs,
  }));

  const cases: readonly [string, Partial<History>, number, readonly string[]][] = [
    ['before it is due', {}, dueMs - 1, ['24 not_due']],
    ['the moment it is due', {}, dueMs, ['24 late: never asked for']],
    ['the last moment of the grace', {}, dueMs + graceMs - 1, ['24 late: never asked for']],
    ['after the grace', {}, dueMs + graceMs, ['24 not_collected: never asked for']],
    [
      'asked for in vain',
      { attempts: [{ day, endedMs: answered, outcome: 'http_5xx' }] },
      dueMs + graceMs,
      ['24 not_collected: last attempt: http_5xx'],
    ],
    [
      'answered only before it was due',
      { attempts: [{ day, endedMs: early, outcome: 'empty' }] },
      dueMs + graceMs,
      ['24 not_collected: last attempt: empty, before it was due'],
    ],
    [
      'answered with nothing, and then in vain',
      {
        attempts: [
          { day, endedMs: answered, outcome: 'empty' },
          { day, endedMs: answered + 1, outcome: 'reset' },
        ],
      },
      dueMs + graceMs,
      ['24 not_provided: last answer: empty'],
    ],
    [
      'a request that is still out',
      { attempts: [{ day, endedMs: undefined, outcome: 'running' }] },
      dueMs + graceMs,
      ['24 not_collected: never asked for'],
    ],
    ['whole', { attempts: [stored], versions: wholeDay }, dueMs + graceMs, ['24 present']],
    [
      'whole already before it is due',
      { versions: wholeDay.map((cell) => ({ ...cell, knownFromMs: early })) },
      dueMs - 1,
      ['24 present'],
    ],
    [
      'as of a time before its answer',
      { attempts: [stored], versions: wholeDay },
      answered - 1,
      ['24 late: never asked for'],
    ],
    [
      'without an hour in the middle',
      { attempts: [stored], versions: wholeDay.toSpliced(5, 1) },
      dueMs + graceMs,
      ['5 present', '1 not_provided: last answer: stored', '18 present'],
    ],
    [
      'a null, a withdrawn cell and a broken one',
      {
        attempts: [stored],
        versions: [
          { ...version, value: null },
          { ...version, deliveryStartMs: second, value: null, withdrawn: true },
          ...wholeDay.slice(3),
        ],
        quarantine: [
          {
            day,
            key: 'a',
            deliveryStartMs: wholeDay[2]?.deliveryStartMs ?? 0,
            reason: 'not_a_number',
            createdMs: answered,
            decidedMs: null,
          },
        ],
      },
      dueMs + graceMs,
      [
        '1 unavailable: the source gave null',
        '1 withdrawn: the source took the value back',
        '1 quarantined: not_a_number',
        '21 present',
      ],
    ],
    [
      'a cell that is stored, and broken in a later answer',
      {
        attempts: [stored],
        versions: wholeDay,
        quarantine: [
          {
            day,
            key: 'a',
            deliveryStartMs: first,
            reason: 'not_a_number',
            createdMs: answered + 1,
            decidedMs: null,
          },
        ],
      },
      dueMs + graceMs,
      ['24 present'],
    ],
    [
      'a cell that was broken, and discarded',
      {
        attempts: [stored],
        versions: wholeDay.toSpliced(5, 2),
        quarantine: [
          {
            day,
            key: 'a',
            deliveryStartMs: wholeDay[5]?.deliveryStartMs ?? 0,
            reason: 'not_a_number',
            createdMs: answered,
            decidedMs: answered + 1,
          },
        ],
      },
      dueMs + graceMs,
      [
        '5 present',
        '1 not_provided: last answer: stored; entry 1 of quarantine was discarded: no number',
        '1 not_provided: last answer: stored',
        '17 present',
      ],
    ],
    [
      'a refused answer, and a sound one without the key',
      {
        attempts: [stored],
        quarantine: [refused],
      },
      dueMs + graceMs,
      ['24 not_provided: last answer: stored'],
    ],
    [
      'a refused answer, before the sound one came',
      { attempts: [stored], quarantine: [refused] },
      answered - 1,
      ['24 quarantined: failed_check'],
    ],
    [
      'a sound answer before it was due',
      {
        attempts: [{ ...stored, endedMs: dueMs - 1 }],
        quarantine: [{ ...refused, createdMs: early }],
      },
      dueMs + graceMs,
      ['24 quarantined: failed_check'],
    ],
    [
      'a refused answer after the sound one',
      { attempts: [stored], quarantine: [{ ...refused, createdMs: answered + 1 }] },
      dueMs + graceMs,
      ['24 quarantined: failed_check'],
    ],
    [
      'a row of no time, in every answer',
      { attempts: [{ ...stored, quarantined: 1 }], quarantine: [refused] },
      dueMs + graceMs,
      ['24 quarantined: failed_check'],
    ],
    [
      'a broken cell, and a sound answer without it',
      {
        attempts: [stored],
        quarantine: [{ ...refused, key: 'a', deliveryStartMs: first, reason: 'not_a_number' }],
      },
      dueMs + graceMs,
      ['1 quarantined: not_a_number', '23 not_provided: last answer: stored'],
    ],
    [
      'a zero',
      { versions: wholeDay.map((cell) => ({ ...cell, value: 0 })) },
      dueMs + graceMs,
      ['24 present'],
    ],
  ];

  test.each(cases)('%s', async (_, history, atMs, expected) => {
    const { database, owner } = await createDatabaseWith(contract, {
      ...emptyHistory,
      keySets: [known],
      ...history,
      // Of the day before, so that the dataset is one that is collected.
      attempts: [
        { day: '2026-03-09', endedMs: dueMs - 23 * hourMs, outcome: 'stored' },
        ...(history.attempts ?? []),
      ],
    });
    const reader = await openAs(database, 'reader');
    const rows = await readCoverage(reader, contract, [day], atMs);
    expect(
      rows.map(({ cells, state, reason }) =>
        [`${cells} ${state}`, ...(reason === null ? [] : [reason])].join(': '),
      ),
    ).toEqual(expected);
    await reader.close();
    await owner.close();
  });
});

test('a dataset is covered from its first attempt on, and ends with tomorrow', async () => {
  const contract = contractOf('core/maxExchanges');
  const { owner } = await createDatabaseWith(contract, {
    ...emptyHistory,
    attempts: [{ day: '2026-03-10', endedMs: Date.UTC(2026, 2, 10), outcome: 'reset' }],
  });
  await owner.run(`update ops.attempt set started_at = '2026-03-09T23:59:59Z'`);
  const daysAsOf = (at: string) =>
    owner.rows(
      z.object({ business_day: z.string(), key: z.null(), state: z.string(), cells: z.number() }),
      `select business_day, key, state, cells from jao.coverage_as_of($1)
       where business_day >= '2026-03-09' order by business_day`,
      [at],
    );
  expect(await daysAsOf('2026-03-09T23:59:58Z')).toEqual([]);
  expect(await daysAsOf('2026-03-10T12:00:00Z')).toEqual([
    { business_day: '2026-03-09', key: null, state: 'not_collected', cells: 24 },
    { business_day: '2026-03-10', key: null, state: 'not_collected', cells: 24 },
    { business_day: '2026-03-11', key: null, state: 'not_collected', cells: 24 },
  ]);
  expect(
    await owner.rows(
      z.object({ datasets: z.number(), first: z.string() }),
      `select count(distinct dataset) as datasets, min(business_day) as first from jao.coverage`,
    ),
  ).toEqual([{ datasets: 1, first: contract.firstBusinessDay }]);
  await owner.close();
});

test('keys that begin are expected from their first day on, as others have an answer before it', async () => {
  const contract = contractOf('core/maxExchanges');
  const knownFromMs = dueAtMs(contract, '2026-06-10');
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `border_${index}`);
  const { owner } = await createDatabaseWith(contract, {
    ...emptyHistory,
    attempts: [{ day: '2026-06-10', endedMs: knownFromMs, outcome: 'stored' }],
    keySets: [
      { day: '2026-06-10', knownFromMs, keys: keys(132) },
      { day: '2026-06-11', knownFromMs, keys: keys(150) },
    ],
  });
  const rows = await owner.rows(
    z.object({ business_day: z.string(), keys: z.number(), not_expected: z.number() }),
    `select business_day, count(distinct key) filter (where state <> 'not_expected') as keys,
       count(distinct key) filter (where state = 'not_expected') as not_expected
     from jao.coverage
     where region = 'core' and dataset = 'maxExchanges' and business_day between '2026-06-09' and '2026-06-12'
     group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { business_day: '2026-06-09', keys: 132, not_expected: 18 },
    { business_day: '2026-06-10', keys: 132, not_expected: 18 },
    { business_day: '2026-06-11', keys: 150, not_expected: 0 },
    { business_day: '2026-06-12', keys: 150, not_expected: 0 },
  ]);
  await owner.close();
});

test('a condition on the business day reaches what the view is made of, for a reader too', async () => {
  const database = await createJaoDatabase();
  const reader = await openAs(database, 'reader');
  const plan = await reader.rows(
    z.object({ 'QUERY PLAN': z.string() }),
    `explain (costs off) select * from jao.coverage
     where region = 'core' and dataset = 'maxExchanges' and key = 'a' and business_day = '2026-03-10'`,
  );
  const lines = plan.map((line) => line['QUERY PLAN'].trim());
  const days = lines.findIndex((line) => line.startsWith('->  Function Scan on generate_series g'));
  expect(lines[days + 1]).toMatch(/^Filter: .*2026-03-10/);
  expect(lines.join('\n')).not.toMatch(/Function Scan on coverage_as_of/);
  await reader.close();
});
