import { addDays, daysBetween } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import { expect, test } from 'vitest';

import { MissedDays } from '../../src/watch/missed-days.ts';
import { answerOf, emptyAnswer, throughout } from '../store/answers.ts';
import type { AnswerOptions } from '../store/answers.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';

const contract = contractOf('core/lta');
const before = '2026-01-15';

test('are all since the first that was asked for, in whatever order they came', async () => {
  const { store } = await openOwnedStore();
  expect(await missed(store)).toEqual([]);
  await collect(store, '2026-01-13');
  expect(await missed(store)).toEqual(['2026-01-14']);
  await collect(store, '2026-01-10');
  await collect(store, before);
  expect(await missed(store)).toEqual(['2026-01-11', '2026-01-12', '2026-01-14']);
});

test('are looked for once a minute', async () => {
  const { store } = await openOwnedStore();
  await collect(store, '2026-01-13');
  const days = new MissedDays();
  expect(await days.readBefore(store.db, contract, before)).toEqual(['2026-01-14']);
  await collect(store, '2026-01-14');
  expect(await days.readBefore(store.db, contract, before)).toEqual(['2026-01-14']);
});

test('are none before a dataset that is to begin', async () => {
  const { store } = await openOwnedStore();
  expect(await new MissedDays().readBefore(store.db, contract, undefined)).toEqual([]);
});

test('have a day of which no request was answered, and none that was answered and given up', async () => {
  const { store } = await openOwnedStore();
  const [first = '', second = ''] = daysBetween('2026-01-13', '2026-01-14');
  const ofAnotherDay = answerOf(contract, addDays(before, 7), cellsOf(before));
  expect(await store.collect(contract, first, ofAnotherDay)).toMatchObject({ outcome: 'foreign' });
  await store.collect(contract, second, emptyAnswer());
  expect(await missed(store)).toEqual([first]);
});

test('have a day that was not whole when it was last answered, within the time until it is given up', async () => {
  const { store, owner } = await openOwnedStore();
  await collect(store, '2026-01-13', { withoutRows: [3] });
  await collect(store, '2026-01-14');
  expect(await missed(store)).toEqual([]);
  await owner.run(`update jao.dataset_day set asked_at = business_day + interval '6 days'`);
  expect(await missed(store)).toEqual(['2026-01-13']);
});

test('have a day whose answer is in doubt, however old it is', async () => {
  const { store } = await openOwnedStore();
  await collect(store, '2026-01-13');
  await collect(store, '2026-01-14');
  await collect(store, '2026-01-13', { withoutRows: [3] });
  expect(await missed(store)).toEqual(['2026-01-13']);
});

async function missed({ db }: TestStore): Promise<readonly BusinessDay[]> {
  return new MissedDays().readBefore(db, contract, before);
}

async function collect(
  store: TestStore,
  day: BusinessDay,
  options: AnswerOptions = {},
): Promise<void> {
  const { outcome } = await store.collect(
    contract,
    day,
    answerOf(contract, day, cellsOf(day), options),
  );
  expect(['stored', 'deferred']).toContain(outcome);
}

function cellsOf(day: BusinessDay) {
  return { border_AT_BE: throughout(contract, day, 1) };
}
