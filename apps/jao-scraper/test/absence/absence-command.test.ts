import { absenceRowSchema } from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  absenceAddCommand,
  absenceListCommand,
  absenceWithdrawCommand,
} from '../../src/absence/absence-command.ts';
import type { AbsenceAddOptions } from '../../src/absence/absence-command.ts';
import { wholeDays } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { fakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
let database: TestDatabase;

/** Three days: one that is whole, one that lacks half of a key, and one of which nothing came. */
beforeEach(async () => {
  const whole = wholeDays(contract, ['2026-03-10', '2026-03-11'], ['a', 'b']);
  const noon = Date.parse('2026-03-11T11:00:00Z');
  const { database: made, owner } = await createDatabaseWith(contract, {
    ...whole,
    versions: whole.versions.filter(
      ({ key, deliveryStartMs }) =>
        key !== 'b' ||
        deliveryStartMs < noon ||
        deliveryStartMs > Date.parse('2026-03-11T22:59:00Z'),
    ),
  });
  await owner.run(`update jao.clock set last = '2026-03-12T00:00:00Z'`);
  await owner.close();
  database = made;
});

const day = { dataset: contract.name, from: '2026-03-12', to: '2026-03-12' };
const why = { reason: 'no auction', evidence: 'notice 4711', by: 'alice' };

async function add(options: Partial<AbsenceAddOptions> = {}) {
  const context = fakeContext({ flags: { databaseUrl: database.url('worker') } });
  const exitCode = await absenceAddCommand(context, { ...day, ...why, format: 'json', ...options });
  expect(exitCode).toBe(0);
  return { row: absenceRowSchema.parse(JSON.parse(context.printed())), said: context.said() };
}

async function withdraw(id: string, options: { reason?: string } = {}) {
  const context = fakeContext({ flags: { databaseUrl: database.url('worker') } });
  const given = { reason: 'a mistake', by: 'bob', format: 'json', ...options } as const;
  await absenceWithdrawCommand(context, { args: [id], ...given });
  return { row: absenceRowSchema.parse(JSON.parse(context.printed())), said: context.said() };
}

async function list(dataset?: string[]) {
  const context = fakeContext({ flags: { databaseUrl: database.url('reader') } });
  await absenceListCommand(context, { ...(dataset && { dataset }), format: 'json' });
  return z.array(absenceRowSchema).parse(JSON.parse(context.printed()));
}

async function statesAsOf(at: Date | string, businessDay: string): Promise<string[]> {
  const reader = await openAs(database, 'reader');
  const rows = await reader.rows(
    z.object({ line: z.string() }),
    `select concat_ws(' ', key, state, cells, reason) as line from jao.coverage_as_of($1)
     where region = 'core' and dataset = 'maxExchanges' and business_day = $2 order by key, delivery_start`,
    [at, businessDay],
  );
  await reader.close();
  return rows.map(({ line }) => line);
}

describe('absence add', () => {
  test('explains the cells of a day from then on, and leaves what was believed before', async () => {
    const { row } = await add();
    expect(row).toMatchObject({
      absenceId: 1,
      keys: null,
      periodStart: '2026-03-11T23:00:00.000Z',
      periodEnd: '2026-03-12T23:00:00.000Z',
      recordedBy: 'alice',
      withdrawnAt: null,
    });
    const knownFrom = new Date(row.knownFrom);
    expect(await statesAsOf(knownFrom, '2026-03-12')).toEqual([
      'a unavailable 24 absence 1: no auction',
      'b unavailable 24 absence 1: no auction',
    ]);
    const before = new Date(knownFrom.getTime() - 1);
    expect(await statesAsOf(before, '2026-03-12')).toEqual([
      'a not_collected 24 never asked for',
      'b not_collected 24 never asked for',
    ]);
  });

  test('is about some keys and hours where it says so, and never about what is there', async () => {
    const { row } = await add({
      key: ['b', 'a', 'b'],
      from: '2026-03-11T09:00Z',
      to: '2026-03-11T15:00:00+01:00',
    });
    expect(row.keys).toEqual(['a', 'b']);
    expect(await statesAsOf(new Date(row.knownFrom), '2026-03-11')).toEqual([
      'a present 24',
      'b present 12',
      'b unavailable 3 absence 1: no auction',
      'b not_provided 9 last answer: stored',
    ]);
  });

  test('is done once, however often it is said', async () => {
    const first = await add({ key: ['a', 'b'] });
    const again = await add({ key: ['b', 'a'], by: 'bob' });
    expect(again.row).toEqual(first.row);
    expect(again.said).toContain('absence 1 says so already');
    await withdraw('1');
    const later = await add({ key: ['a', 'b'] });
    expect(later.row.absenceId).toBe(2);
    expect(await list()).toHaveLength(2);
  });

  test('may be of a quarter of an hour where nobody knows the step', async () => {
    const { row } = await add({
      dataset: 'coreID/IDCCA_maxExchanges',
      from: '2026-03-12T10:15Z',
      to: '2026-03-12T10:45Z',
    });
    expect(row).toMatchObject({
      dataset: 'IDCCA_maxExchanges',
      periodStart: '2026-03-12T10:15:00.000Z',
      periodEnd: '2026-03-12T10:45:00.000Z',
    });
  });

  test.each([
    [{ dataset: 'core/none' }, /catalogue has no "core\/none"/],
    [{ key: ['c'] }, /no answer of core\/maxExchanges that was stored ever had "c"/],
    [{ from: '2026-03-13' }, /no cell of core\/maxExchanges begins from --from 2026-03-13 up to/],
    [{ from: '2026-03-12T10:00Z', to: '2026-03-12T10:00Z' }, /no cell of/],
    [{ from: '2026-03-12T10:15Z', to: '2026-03-12T10:45Z' }, /no cell of/],
    [{ from: '2026-02-30' }, /is no business day/],
    [{ to: 'tomorrow' }, /--to: "tomorrow" is neither a business day/],
    [{ to: '2026-03-12T10:00' }, /is no instant/],
    [{ from: '2000-01-01', to: '2000-01-02' }, /begins with 2022-06-09/],
    [{ reason: ' ' }, /--reason: must not be empty/],
    [{ evidence: '' }, /--evidence: must not be empty/],
    [{ by: '' }, /--by: must not be empty/],
  ])('%j is refused', async (options, message) => {
    await expect(add(options)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
    expect(await list()).toEqual([]);
  });

  test('names the account that runs it, where nobody is named', async () => {
    const context = fakeContext({ flags: { databaseUrl: database.url('worker') } });
    await absenceAddCommand(context, { ...day, reason: 'x', evidence: 'y', format: 'json' });
    expect(absenceRowSchema.parse(JSON.parse(context.printed())).recordedBy).not.toBe('');
  });
});

describe('absence withdraw', () => {
  test('lets it hold no longer, from then on', async () => {
    const { row: added } = await add();
    const { row } = await withdraw('1');
    expect(row).toMatchObject({ withdrawnBy: 'bob', withdrawalReason: 'a mistake' });
    const withdrawnAt = new Date(row.withdrawnAt ?? 0);
    expect(withdrawnAt > new Date(added.knownFrom)).toBe(true);
    expect(await statesAsOf(new Date(withdrawnAt.getTime() - 1), '2026-03-12')).toEqual([
      'a unavailable 24 absence 1: no auction',
      'b unavailable 24 absence 1: no auction',
    ]);
    const reader = await openAs(database, 'reader');
    expect(
      await reader.rows(
        z.object({ state: z.string(), since: z.date() }),
        `select state, since from jao.coverage_as_of($1)
         where region = 'core' and dataset = 'maxExchanges' and key = 'a' and business_day = '2026-03-12'`,
        [withdrawnAt],
      ),
    ).toEqual([{ state: 'not_collected', since: withdrawnAt }]);
    await reader.close();
    const again = await withdraw('1', { reason: 'once more' });
    expect(again.row).toEqual(row);
    expect(again.said).toContain('was withdrawn before');
  });

  test.each([
    ['7', {}, /there is no absence 7/],
    ['x', {}, /"x" is no number of an absence/],
    ['1', { reason: '' }, /--reason: must not be empty/],
  ])('of %s with %j is refused', async (id, options, message) => {
    await expect(withdraw(id, options)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
  });
});

test('absence list has those of a dataset, withdrawn ones included', async () => {
  await add();
  await withdraw('1');
  await add({ dataset: 'core/netPos' });
  expect((await list()).map(({ absenceId }) => absenceId)).toEqual([1, 2]);
  expect(await list(['core/netPos'])).toMatchObject([{ dataset: 'netPos', withdrawnAt: null }]);
});
