import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import type { DayCollected } from '../../src/collect/collect-day.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import type { AnswerOptions, Cell } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { coverageStates } from '../store/look.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedDatabase, openStoreWith } from '../store/use-store.ts';
import { cellsWith, entriesOf } from './entries.ts';
import { expectAgreed, firstVersions, releaseEntries, tryRelease } from './releases.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-20';

let database: TestDatabase;
let owner: PostgresDatabase;
let store: TestStore;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
  store = await openStoreWith(database, {
    'core/maxExchanges': { 'cells.value.floor': { action: 'refuse' } },
  });
});

/** Collects a day of two keys, of which the first has some odd values, by row. */
async function collect(
  odd: Readonly<Record<number, Cell>>,
  options: AnswerOptions = {},
): Promise<DayCollected> {
  const cells = { a: cellsWith(contract, day, odd), b: throughout(contract, day, 2) };
  return store.collect(contract, day, answerOf(contract, day, cells, options));
}

/** The ids of the entries that are whole answers, oldest first. */
async function wholeAnswers(): Promise<string[]> {
  const rows = await owner.rows(
    z.object({ id: z.int() }),
    `select quarantine_id as id from ops.quarantine where pointer = '' order by quarantine_id`,
  );
  return rows.map(({ id }) => String(id));
}

test('a whole answer that was refused, released, is data, stamped now; it stays so, and is made again from its payload', async () => {
  await collect({ 0: -5 });
  await collect({ 0: -5, 3: -6 });
  expect(await coverageStates(owner, day), 'of no series yet').toEqual({ quarantined: 24 });
  const [, last = ''] = await wholeAnswers();
  expect(await releaseEntries(database, { args: [last] })).toMatchObject({
    state: 'released',
    entries: 1,
  });
  expect(await firstVersions(owner, day)).toEqual([-5]);
  expect(await coverageStates(owner, day)).toEqual({ present: 48 });
  expect(
    await owner.query(
      `select bool_and(o.known_from = q.decided_at) as same, count(*) as cells
         from jao.observation o cross join ops.quarantine q where q.state = 'released'`,
    ),
  ).toEqual([{ same: true, cells: 48 }]);
  await expectAgreed(database, day);

  const again = await collect({ 0: -5, 3: -6 });
  expect(again.outcome, 'the same bytes').toBe('unchanged');
  const renewed = await collect({ 0: -5, 3: -6 }, { firstId: 5000 });
  expect(renewed.outcome, 'nothing new is in it').toBe('republished');
  expect((await collect({ 0: -5, 3: -7 })).outcome).toBe('failed_check');
  await collect({ 0: 5 });
  expect(await firstVersions(owner, day)).toEqual([-5, 5]);
  await expectAgreed(database, day);

  const before = await owner.query(
    `select * from jao.observation order by series_id, delivery_start, known_from`,
  );
  await owner.query('truncate jao.observation');
  await reparseCommand(contextOn(database), { format: 'json' });
  expect(
    await owner.query(
      `select * from jao.observation order by series_id, delivery_start, known_from`,
    ),
  ).toEqual(before);
});

test('a whole answer, released, is a revision where the day was stored before, and puts aside what it has that is none', async () => {
  await collect({});
  await collect({ 0: -5, 4: 'n/a' });
  await releaseEntries(database, { args: await wholeAnswers() });
  expect(await firstVersions(owner, day)).toEqual([1, -5]);
  expect(await entriesOf(owner)).toMatchObject([
    { state: 'released', by: 'anna' },
    { state: 'open' },
  ]);
  await expectAgreed(database, day);
});

test('a whole answer is not released where the source has given another answer since', async () => {
  await collect({ 0: -5 });
  await collect({ 0: -6 });
  const [first = '', second = ''] = await wholeAnswers();
  const another = /is not what the last answer .* Nothing was released/;
  await expect(tryRelease(database, [first])).rejects.toThrow(another);
  await collect({ 0: 5 }, { withoutRows: [9] });
  await expect(tryRelease(database, [second])).rejects.toThrow(another);
  expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['open', 'open']);
  await expectAgreed(database, day);
});

test('answers that begin alike, further than an entry keeps their text, are entries of their own', async () => {
  const others = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`c${index}`, throughout(contract, day, 1)]),
  );
  const collectLong = (last: number) =>
    store.collect(
      contract,
      day,
      answerOf(contract, day, { ...others, a: cellsWith(contract, day, { 0: 3, 23: last }) }),
    );
  await collectLong(-5);
  await collectLong(-6);
  await collectLong(-6);
  const texts = await owner.query('select distinct raw from ops.quarantine');
  expect(texts, 'as far as it is kept').toHaveLength(1);
  const [first = '', second = '', ...more] = await wholeAnswers();
  expect(more, 'the same bytes again').toEqual([]);
  await expect(tryRelease(database, [first])).rejects.toThrow(/is not what the last answer/);
  await releaseEntries(database, { args: [second] });
  expect(
    await owner.query(
      `select o.value from jao.observation o join jao.series s using (series_id)
        where s.key = 'a' order by o.delivery_start desc limit 1`,
    ),
  ).toEqual([{ value: -6 }]);
  await expectAgreed(database, day);
});
