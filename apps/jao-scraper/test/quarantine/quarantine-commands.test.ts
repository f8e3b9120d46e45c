import { hostileCharacter } from '@sluice/command-line/testing';
import { exitCodes } from '@sluice/schemas';
import type { QuarantineDecisionReport } from '@sluice/schemas';
import { quarantinedCellDetailSchema, quarantinedCellSchema } from '@sluice/schemas/jao';
import type { QuarantinedCell } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { userInfo } from 'node:os';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { discardCommand } from '../../src/quarantine/discard-command.ts';
import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { quarantineCommand } from '../../src/quarantine/list-command.ts';
import type { QuarantineCommandOptions } from '../../src/quarantine/list-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { showCommand } from '../../src/quarantine/show-command.ts';
import { fakeContext } from '../fake-context.ts';
import { answerOf } from '../store/answers.ts';
import { contextOn, discardEntries, expectVerified } from '../store/commands.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';
import { cellsWith, collectOdd, entriesOf } from './entries.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-10';
const why = 'the source gave a text';
const unknownRun = '01890000-0000-7000-8000-000000000000';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner, store } = await openOwnedStore());
});

async function list(options: Partial<QuarantineCommandOptions> = {}): Promise<QuarantinedCell[]> {
  const context = fakeContext({ flags: { databaseUrl: database.url('reader') } });
  const given = { ...options, format: 'json' } as const;
  expect(await quarantineCommand(context, given), context.said()).toBe(exitCodes.done);
  return z.array(quarantinedCellSchema).parse(JSON.parse(context.printed()));
}

const discard = (options: Partial<DecideCommandOptions>): Promise<QuarantineDecisionReport> =>
  discardEntries(database, { reason: why, ...options });

describe('quarantine', () => {
  test('lists what broke its contract, with its place, to whoever may read', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a', 5: true });
    const [first, second] = await list();
    expect(first).toMatchObject({
      dataset: contract.name,
      businessDay: day,
      key: 'a',
      deliveryStart: '2026-01-10T02:00:00.000Z',
      reason: 'not_a_number',
      raw: '"n/a"',
      rawLength: 5,
      pointer: '/data/3/a',
      state: 'open',
      runId: store.runId,
    });
    expect(first).not.toHaveProperty('decision');
    expect(second).toMatchObject({ raw: 'true', pointer: '/data/5/a' });
  });

  test('filters by dataset, day, key, run, reason, time and state', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await collectOdd(store, contract, '2026-01-11', { 4: 'n/a' });
    await discard({ args: ['1'] });
    const count = async (options: Partial<QuarantineCommandOptions>) =>
      (await list(options)).length;
    expect(await count({})).toBe(1);
    expect(await count({ state: ['all'] })).toBe(2);
    expect(await count({ state: ['discarded'], to: day })).toBe(1);
    expect(await count({ from: '2026-01-12' })).toBe(0);
    expect(await count({ dataset: ['core/netPos'] })).toBe(0);
    expect(await count({ dataset: [contract.name], key: ['a'], run: store.runId })).toBe(1);
    expect(await count({ key: ['a'], check: 'cells.value.floor' })).toBe(0);
    expect(await count({ reasonCode: 'not_finite' })).toBe(0);
    expect(await count({ since: '2999-01-01T00:00:00Z' })).toBe(0);
  });

  test.each<[string, Partial<QuarantineCommandOptions>, RegExp]>([
    ['a dataset', { dataset: ['core/none'] }, /the catalogue has no "core\/none"/],
    ['a day', { from: 'today' }, /--from: "today" is no business day/],
    ['a run', { run: 'x' }, /--run "x"/],
    ['a run of this database', { run: unknownRun }, /the database has no such run; jao.run lists/],
    ['a reason code', { reasonCode: 'odd' }, /no such code; there are bad_key, not_a_number/],
    [
      'a check',
      { check: 'cells.value.flor' },
      /no "cells.value.flor" \(did you mean cells.value.floor/,
    ],
    ['a key', { key: ['b'] }, /--key: no answer that was stored ever had "b"/],
    ['a state', { state: ['closed'] }, /"closed": there are open, released/],
    ['an instant', { since: 'now' }, /--since: "now" is no instant/],
  ])('refuses %s that is none', async (_, options, message) => {
    const context = contextOn(database);
    const listing = quarantineCommand(context, { ...options, format: 'json' });
    await expect(listing).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(listing).rejects.toThrow(message);
  });

  test('has nothing to list of a run that put nothing aside', async () => {
    await collectOdd(store, contract, day, {});
    expect(await list({ run: store.runId })).toEqual([]);
  });

  test.each([
    ['discard', discardCommand],
    ['release', releaseCommand],
    ['replay', replayCommand],
  ] as const)('%s decides nothing of a run that there is not', async (_, command) => {
    const options = { args: [], all: true, run: unknownRun, reason: why, format: 'json' } as const;
    const deciding = command(contextOn(database), options);
    await expect(deciding).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(deciding).rejects.toThrow('the database has no such run');
  });

  test('says so where there is nothing to list', async () => {
    const [open, all] = [contextOn(database), contextOn(database)];
    await quarantineCommand(open, { format: 'table' });
    expect(open.said()).toContain('no entry of these is open; --state all lists decided ones too');
    await quarantineCommand(all, { state: ['all'], format: 'json' });
    expect(JSON.parse(all.printed())).toEqual([]);
    expect(all.said()).toContain('there is no such entry');
  });

  test('lets no formula into CSV, and no control character out to a terminal', async () => {
    await collectOdd(store, contract, day, { 3: '=1+1\u001b[2J\u202e', 4: '\u009b1m' });
    const [csv, table] = [contextOn(database), contextOn(database)];
    await quarantineCommand(csv, { format: 'csv' });
    await quarantineCommand(table, { format: 'table' });
    expect(csv.printed()).not.toMatch(/(?:^|,)"?=/m);
    expect(table.printed()).not.toMatch(hostileCharacter);
  });
});

describe('quarantine show', () => {
  test('shows the cell with what stood around it, its attempt and its payload', async () => {
    await collectOdd(store, contract, day, { 2: 7, 3: 'n/a', 4: 9 });
    const context = contextOn(database);
    expect(await showCommand(context, { args: ['1'], format: 'json' })).toBe(exitCodes.done);
    const detail = quarantinedCellDetailSchema.parse(JSON.parse(context.printed()));
    const hashes = await owner.rows(
      z.object({ hash: z.string() }),
      `select encode(payload_hash, 'hex') as hash from ops.payload`,
    );
    expect(detail).toMatchObject({
      raw: '"n/a"',
      attempt: { outcome: 'stored', payloadSha256: hashes[0]?.hash },
      context: { dateTimeUtc: '2026-01-10T02:00:00Z', before: '7', after: '9' },
      stored: null,
      history: [{ state: 'open', by: 'jao-scraper', runId: store.runId }],
    });
    expect(detail.context?.row).toContain('"a":"n/a","b":2');
    const table = contextOn(database);
    await showCommand(table, { args: ['1'], format: 'table' });
    expect(table.printed()).toContain('raw text:\n"n/a"\n');
  });

  test('shows what is stored of its cell, and what was decided', async () => {
    await collectOdd(store, contract, day, {});
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await discard({ args: ['1'], by: 'anna' });
    const context = contextOn(database);
    await showCommand(context, { args: ['1'], format: 'json' });
    expect(JSON.parse(context.printed())).toMatchObject({
      stored: { value: 1, withdrawn: false },
      decision: { state: 'discarded', by: 'anna', reason: why },
      history: [{ state: 'open' }, { state: 'discarded', by: 'anna' }],
    });
  });

  test('gives hostile text to a terminal as escapes, and raw as it is', async () => {
    const hostile = '\u202e\u009b31m\u007f';
    await collectOdd(store, contract, day, { 3: hostile });
    const [raw, table] = [contextOn(database), contextOn(database)];
    await showCommand(raw, { args: ['1'], raw: true, format: 'table' });
    await showCommand(table, { args: ['1'], format: 'table' });
    expect(raw.printed()).toBe(JSON.stringify(hostile));
    expect(table.printed()).toContain('"\\u202e\\u009b31m\\u007f"');
    expect(table.printed()).not.toMatch(hostileCharacter);
  });

  test('keeps the beginning of a text of a megabyte, and prints all of it from its payload', async () => {
    const text = 'é\u0000'.repeat(2 ** 18);
    await collectOdd(store, contract, day, { 3: text });
    expect((await list())[0]?.raw).toHaveLength(4_096);
    expect((await list())[0]?.rawLength).toBe(JSON.stringify(text).length);
    const [table, raw] = [contextOn(database), contextOn(database)];
    await showCommand(table, { args: ['1'], format: 'table' });
    expect(table.said()).toContain('--raw prints them');
    await showCommand(raw, { args: ['1'], raw: true, format: 'table' });
    expect(raw.printed()).toBe(JSON.stringify(text));
    await owner.query('delete from ops.payload');
    const kept = contextOn(database);
    await showCommand(kept, { args: ['1'], raw: true, format: 'table' });
    expect(kept.printed()).toHaveLength(4_096);
    expect(kept.said()).toContain('the text that was kept of it');
  });

  test('names the part of a day that has it, where the day was asked for in parts', async () => {
    const cells = { a: cellsWith(contract, day, { 3: 'n/a', 15: 'none' }) };
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    await store.collect(contract, day, [
      answerOf(contract, day, cells, { withoutRows: hours.slice(12) }),
      answerOf(contract, day, cells, { withoutRows: hours.slice(0, 12) }),
    ]);
    const entries = await list();
    const windows = await owner.rows(
      z.object({ url: z.string() }),
      `select url from ops.attempt where outcome = 'stored' order by attempt_id`,
    );
    expect(windows).toHaveLength(2);
    expect(entries.map(({ url, pointer }) => ({ url, pointer }))).toEqual([
      { url: windows[0]?.url, pointer: '/data/3/a' },
      { url: windows[1]?.url, pointer: '/data/3/a' },
    ]);
    const [detail, raw] = [contextOn(database), contextOn(database)];
    await showCommand(detail, { args: ['2'], format: 'json' });
    expect(JSON.parse(detail.printed())).toMatchObject({
      context: { dateTimeUtc: '2026-01-10T14:00:00Z', before: '1', after: '1' },
    });
    await showCommand(raw, { args: ['2'], raw: true, format: 'table' });
    expect(raw.printed()).toBe('"none"');
    await expectVerified(database);
  });

  test('is as good as it gets where the payload is gone', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await owner.query('delete from ops.payload');
    const context = contextOn(database);
    await showCommand(context, { args: ['1'], format: 'json' });
    expect(JSON.parse(context.printed())).toMatchObject({ raw: '"n/a"', context: null });
  });

  test('refuses an id that is not there, and a reader, who may not see payloads', async () => {
    await expect(showCommand(contextOn(database), { args: ['1'], format: 'json' })).rejects.toThrow(
      /there is no entry 1 in quarantine/,
    );
    await collectOdd(store, contract, day, { 3: 'n/a' });
    const reader = fakeContext({ flags: { databaseUrl: database.url('reader') } });
    await expect(showCommand(reader, { args: ['1'], format: 'json' })).rejects.toMatchObject({
      code: 'DENIED',
    });
  });
});

describe('quarantine discard', () => {
  test('decides what is named, in a run, and counts it', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a', 4: 'n/a', 5: 'n/a' });
    const report = await discard({ args: ['1', '3'], by: 'anna' });
    expect(report).toMatchObject({ state: 'discarded', entries: 2, by: 'anna', reason: why });
    expect(await entriesOf(owner)).toEqual([
      { id: 1, state: 'discarded', by: 'anna', why },
      { id: 2, state: 'open', by: null, why: null },
      { id: 3, state: 'discarded', by: 'anna', why },
    ]);
    expect(
      await owner.query(`select command, outcome from ops.run where run_id = $1`, [report.runId]),
    ).toEqual([{ command: 'quarantine discard', outcome: 'succeeded' }]);
    expect(
      await owner.query(
        `select name, labels ->> 'state' as state, value from ops.counter
          where name like 'sluice_quarantine%' order by name`,
      ),
    ).toEqual(
      expect.arrayContaining([
        { name: 'sluice_quarantine_decided_total', state: 'discarded', value: 2 },
        { name: 'sluice_quarantined_total', state: null, value: 3 },
      ]),
    );
    await expectVerified(database);
  });

  test('takes a filter with --all, and the user of the system where nobody is named', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await collectOdd(store, contract, '2026-01-11', { 4: 'n/a' });
    expect(await discard({ all: true, from: '2026-01-11' })).toMatchObject({
      entries: 1,
      by: userInfo().username,
    });
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['open', 'discarded']);
  });

  test('is refused for what was decided or is not there, and nothing of the call is done', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a', 4: 'n/a' });
    await discard({ args: ['1'], by: 'anna' });
    const context = contextOn(database);
    const given = { args: ['2', '1', '9'], reason: why, by: 'ben', format: 'json' } as const;
    const second = discardCommand(context, given);
    await expect(second).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(second).rejects.toThrow(
      /entry 1 was discarded before, by anna at 20.*Z: the source gave a text; there is no entry 9\. Nothing was discarded/,
    );
    expect((await entriesOf(owner)).map(({ by }) => by)).toEqual(['anna', null]);
    const third = discardCommand(context, { ...given, args: ['1'] });
    await expect(third).rejects.toMatchObject({ exitCode: exitCodes.failed });
    const shown = showCommand(context, { args: ['9'], format: 'json' });
    await expect(shown).rejects.toMatchObject({ exitCode: exitCodes.usage });
  });

  test.each<[string, Partial<DecideCommandOptions>, RegExp]>([
    ['no choice', {}, /name entries by their ids/],
    ['two choices', { args: ['1'], all: true }, /choose one of them/],
    ['ids and a filter', { args: ['1'], key: ['a'] }, /a filter goes with --all/],
    ['no id', { args: ['a'] }, /an entry's id is a whole number/],
    ['a key that there is not', { all: true, key: ['x'] }, /that was stored ever had "x"/],
    ['decided entries', { all: true, state: ['all'] }, /only open entries can be decided/],
    ['an empty reason', { args: ['1'], reason: '' }, /--reason: it is empty/],
  ])('%s is wrong usage', async (_, options, message) => {
    const given = { args: [], reason: why, ...options, format: 'json' } as const;
    const discarding = discardCommand(contextOn(database), given);
    await expect(discarding).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(discarding).rejects.toThrow(message);
  });

  test('is not for readers', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    const context = fakeContext({ flags: { databaseUrl: database.url('reader') } });
    const given = { args: ['1'], reason: why, format: 'json' } as const;
    await expect(discardCommand(context, given)).rejects.toThrow(/member of sluice_worker/);
    expect((await entriesOf(owner))[0]).toMatchObject({ state: 'open' });
  });

  test('of two at once one wins, and the other is told', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a', 4: 'n/a' });
    const people = ['anna', 'ben', 'cem', 'dora'];
    const calls = await Promise.allSettled(
      people.map((by) =>
        discardCommand(contextOn(database), { args: ['1', '2'], by, reason: why, format: 'json' }),
      ),
    );
    const winner = (await entriesOf(owner))[0]?.by;
    expect((await entriesOf(owner)).map(({ by }) => by)).toEqual([winner, winner]);
    calls.forEach((call, index) => {
      if (people[index] === winner) {
        expect(call).toMatchObject({ status: 'fulfilled', value: exitCodes.done });
      } else {
        const told = call.status === 'rejected' ? String(call.reason) : 'done';
        expect(told).toContain(`was discarded before, by ${String(winner)}`);
      }
    });
  });

  test('holds for the same text in later answers; another text is another entry', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await discard({ args: ['1'] });
    await collectOdd(store, contract, day, { 3: 'n/a', 5: 6 });
    expect(await entriesOf(owner)).toHaveLength(1);
    await collectOdd(store, contract, day, { 3: 'none', 5: 6 });
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['discarded', 'open']);
    await expectVerified(database);
  });

  test('while the day is stored neither waits for the other, and both are done', async () => {
    await collectOdd(store, contract, day, { 3: 'n/a' });
    await Promise.all([
      discard({ args: ['1'] }),
      collectOdd(store, contract, day, { 3: 'n/a', 5: 6 }),
      collectOdd(store, contract, '2026-01-11', { 3: 'n/a' }),
    ]);
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['discarded', 'open']);
    await expectVerified(database);
  });
});
