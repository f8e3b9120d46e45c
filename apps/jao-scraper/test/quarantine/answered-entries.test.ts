import { exitCodes } from '@sluice/schemas';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import type { AnswerOptions, Cell } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedDatabase, openStoreWith } from '../store/use-store.ts';
import { cellsWith, entriesOf, idsOf } from './entries.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-10';
const floor = (action: string): unknown => ({
  'core/maxExchanges': { 'cells.value.floor': { action } },
});
const closed = {
  state: 'replayed',
  by: 'jao-scraper',
  why: 'a later answer was stored in its place',
};

let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
});

async function collect(
  store: TestStore,
  odd: Readonly<Record<number, Cell>>,
  options: AnswerOptions = {},
): Promise<void> {
  const cells = { a: cellsWith(contract, day, odd), b: throughout(contract, day, 2) };
  await store.collect(contract, day, answerOf(contract, day, cells, options));
}

async function states(): Promise<string[]> {
  return (await entriesOf(owner)).map(({ state }) => state);
}

/** Verifying finds no difference, and reading the day again decides, opens and adds nothing. */
async function expectAgreed(): Promise<void> {
  const before = await entriesOf(owner);
  const verified = contextOn(database);
  const options = { format: 'table', from: day, to: day } as const;
  expect(await verifyCommand(verified, options), verified.printed()).toBe(exitCodes.done);
  const again = contextOn(database);
  expect(await reparseCommand(again, { format: 'json' }), again.said()).toBe(exitCodes.done);
  expect(await entriesOf(owner)).toEqual(before);
}

/** As an older app left the entries that it never closed. */
async function reopen(): Promise<void> {
  await owner.query('alter table ops.quarantine disable trigger keep_decision');
  await owner.query(
    `update ops.quarantine set state = 'open', decided_at = null, decided_by = null, decision_reason = null,
       decision_run_id = null where state = 'replayed'`,
  );
  await owner.query('alter table ops.quarantine enable trigger keep_decision');
}

test('a cell that could not be read is closed by the answer that has a value, by its run, and counted once', async () => {
  const store = await openStoreWith(database, {});
  await collect(store, { 3: 'n/a', 4: 'none', 5: 'void' });
  await discardCommand(contextOn(database), {
    args: await idsOf(owner, '"void"'),
    reason: 'never a number',
    format: 'table',
  });
  await collect(store, { 4: 'none', 5: 7 });

  expect(await entriesOf(owner)).toMatchObject([
    closed,
    { state: 'open' },
    { state: 'discarded', why: 'never a number' },
  ]);
  const decided = await owner.row(
    z.object({ runId: z.string(), counted: z.number() }),
    `select decision_run_id as "runId",
       (select sum(value)::int from ops.counter
         where name = 'sluice_quarantine_decided_total' and labels ->> 'state' = 'replayed') as counted
     from ops.quarantine where state = 'replayed'`,
  );
  expect(decided).toEqual({ runId: store.runId, counted: 1 });
  await expectAgreed();

  await collect(store, { 4: null, 5: 7 });
  expect(await states(), 'a null is an answer').toEqual(['replayed', 'replayed', 'discarded']);
  await collect(store, { 3: 'n/a', 4: null, 5: 7 });
  expect(await states(), 'and may be broken again').toEqual([
    'replayed',
    'replayed',
    'discarded',
    'open',
  ]);
  await expectAgreed();
});

test('a cell that kept its value while an answer was broken is closed as that value comes again', async () => {
  const store = await openStoreWith(database, {});
  await collect(store, {});
  await collect(store, { 3: 'n/a' });
  expect(await states()).toEqual(['open']);
  await collect(store, {});
  expect(await entriesOf(owner)).toMatchObject([closed]);
  await expectAgreed();
});

test('a cell that a check held back is closed by another value, unless that is held back too', async () => {
  const store = await openStoreWith(database, floor('quarantine'));
  await collect(store, { 3: -5 });
  await collect(store, { 3: -6 });
  expect(await states()).toEqual(['open', 'open']);
  await collect(store, { 3: 7 });
  expect(await entriesOf(owner)).toMatchObject([closed, closed]);
  await expectAgreed();
});

test('an answer that a check refused is closed once a later one was stored whole, or is what is stored', async () => {
  const store = await openStoreWith(database, floor('refuse'));
  await collect(store, { 3: -5 });
  await collect(store, {}, { withoutRows: [7] });
  expect(await states(), 'a part of the day').toEqual(['open']);
  await collect(store, {});
  expect(await entriesOf(owner)).toMatchObject([closed]);
  await collect(store, { 3: -6 });
  expect(await states()).toEqual(['replayed', 'open']);
  await collect(store, {});
  expect(await entriesOf(owner), 'the same bytes again').toMatchObject([closed, closed]);
  await expectAgreed();
});

test('a row that could not be read is closed by a whole answer without it', async () => {
  const store = await openStoreWith(database, {});
  const row = (dateTimeUtc: string): string => JSON.stringify({ id: 1, dateTimeUtc, a: 1 });
  const twice = { extraRows: [row('2026-01-10 at noon'), row('2026-02-01T00:00:00Z')] };
  await collect(store, {}, twice);
  expect(await states()).toEqual(['open', 'open']);
  await collect(store, { 3: 5 }, { extraRows: twice.extraRows.slice(0, 1) });
  expect(await states(), 'one of them is there again').toEqual(['open', 'replayed']);
  await collect(store, {}, { withoutRows: [7] });
  expect(await states(), 'a part of the day').toEqual(['open', 'replayed']);
  await collect(store, { 3: 6 });
  expect(await entriesOf(owner)).toMatchObject([closed, closed]);
  await expectAgreed();
  await reopen();
  await reparseCommand(contextOn(database), { format: 'json' });
  expect(await states()).toEqual(['replayed', 'replayed']);
  await expectAgreed();
});

test('a row that could not be read may stand for what a day in parts lacks, however often it comes', async () => {
  const store = await openStoreWith(database, {});
  const cells = { a: throughout(contract, day, 1) };
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const half = (withoutRows: readonly number[], extraRows: readonly string[] = []): Uint8Array =>
    answerOf(contract, day, cells, { withoutRows, extraRows });
  const earlier = half(hours.slice(11));
  const odd = '{"id":1,"dateTimeUtc":"noon","a":1}';
  const coverage = (): Promise<unknown> =>
    owner.query(
      `select state, sum(cells)::int as cells from jao.coverage where business_day = $1 group by state order by state`,
      [day],
    );
  for (const id of [1, 2]) {
    const later = half(hours.slice(0, 12), [odd.replace('"id":1', `"id":${id}`)]);
    await store.collect(contract, day, [earlier, later]);
    expect(await coverage()).toEqual([
      { state: 'present', cells: 23 },
      { state: 'quarantined', cells: 1 },
    ]);
    // The same bytes are told by the same rule.
    await store.collect(contract, day, [earlier, later]);
    expect(await coverage()).toEqual([
      { state: 'present', cells: 23 },
      { state: 'quarantined', cells: 1 },
    ]);
  }
});

test('reading a day again closes what an older app left open, and what is made anew', async () => {
  const store = await openStoreWith(database, {});
  await collect(store, { 3: 'n/a' });
  await (
    await openStoreWith(database, floor('refuse'))
  ).collect(contract, day, answerOf(contract, day, { a: throughout(contract, day, -5) }));
  await collect(store, {});
  await reopen();
  await reparseCommand(contextOn(database), { format: 'json' });
  const why = closed.why;
  expect(await entriesOf(owner)).toMatchObject([
    { state: 'replayed', why },
    { state: 'replayed', why },
  ]);
  await expectAgreed();

  await owner.query(`delete from ops.quarantine where reason = 'not_a_number'`);
  await reparseCommand(contextOn(database), { format: 'json' });
  expect(await states()).toEqual(['replayed', 'replayed']);
  await expectAgreed();
});
