import {
  completenessRowSchema,
  coverageRowSchema,
  coverageSummaryRowSchema,
  dueAtMs,
} from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { coverageCommand } from '../../src/cell-coverage/coverage-command.ts';
import type { CoverageOptions } from '../../src/cell-coverage/coverage-command.ts';
import { fakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';
import { wholeDays } from './history.ts';
import { createDatabaseWith } from './write-history.ts';

const contract = contractOf('core/maxExchanges');
const now = new Date('2026-03-12T12:00:00Z');
const lateAnswerMs = dueAtMs(contract, '2026-03-12') + 60_000;
let url = '';
let store: TestDatabase;

/** Four days: two whole, one that lacks its last hour, one that nobody asked for. */
beforeAll(async () => {
  const days = ['2026-03-10', '2026-03-11', '2026-03-12'];
  const whole = wholeDays(contract, days, ['a', 'b']);
  const { database, owner } = await createDatabaseWith(contract, {
    ...whole,
    versions: whole.versions.filter(
      ({ key, deliveryStartMs }) =>
        key !== 'b' || deliveryStartMs !== Date.parse('2026-03-12T22:00:00Z'),
    ),
    attempts: [
      ...whole.attempts,
      { day: '2026-03-12', endedMs: lateAnswerMs + 60_000, outcome: 'unchanged' },
    ],
  });
  await owner.close();
  url = database.url('reader');
  store = database;
});

async function run(options: Partial<CoverageOptions>, config?: string) {
  const flags = { databaseUrl: url, ...(config === undefined ? {} : { config }) };
  const context = fakeContext({ flags, now: () => now });
  const exitCode = await coverageCommand(context, { format: 'json', ...options });
  return { exitCode, printed: context.printed(), said: context.said() };
}

describe('coverage', () => {
  test('prints what its schema says, a row for each run of cells, and exits with 3 for a hole', async () => {
    const { exitCode, printed, said } = await run({ from: '2026-03-12', to: '2026-03-12' });
    const document: unknown = JSON.parse(printed);
    const rows = z.array(coverageRowSchema).parse(document);
    expect(rows).toEqual(document);
    expect(rows.map(({ key, state, cells }) => `${key} ${state} ${cells}`)).toEqual([
      'b not_provided 1',
      'a present 24',
      'b present 23',
    ]);
    expect(rows.map(({ actions }) => actions)).toEqual([['alert'], ['accept'], ['accept']]);
    expect(rows[0]).toMatchObject({
      region: 'core',
      dataset: 'maxExchanges',
      deliveryStart: '2026-03-12T22:00:00.000Z',
      deliveryEnd: '2026-03-12T23:00:00.000Z',
      reason: 'last answer: unchanged',
    });
    expect(exitCode).toBe(3);
    expect(said).toBe('jao-scraper: 1 due cells are not_provided\n');
  });

  test('of whole days it exits with 0, and takes a key or a state alone', async () => {
    const whole = await run({ from: '2026-03-10', to: '2026-03-11', key: ['b'], format: 'csv' });
    expect(whole.exitCode).toBe(0);
    expect(whole.printed.trimEnd().split('\n')).toEqual([
      'region,dataset,key,business_day,state,delivery_start,delivery_end,cells,due_at,since,reason,actions',
      expect.stringMatching(/^core,maxExchanges,b,2026-03-10,present,2026-03-09T23:00:00.000Z,/),
      expect.stringMatching(/^core,maxExchanges,b,2026-03-11,present,/),
    ]);
    const holes = await run({ from: '2026-03-10', to: '2026-03-13', state: ['not_provided'] });
    expect(JSON.parse(holes.printed)).toHaveLength(1);
  });

  test('a table joins days in a row', async () => {
    const { printed } = await run({ from: '2026-03-10', to: '2026-03-12', format: 'table' });
    const lines = printed.split('\n').filter((line) => line.includes(' maxExchanges '));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(' not_provided ');
    expect(lines[1]).toMatch(/ a .* 2026-03-09T23:00:00.000Z .* 2026-03-12T23:00:00.000Z .* 72 /);
  });

  test('a summary has a row for each state', async () => {
    const { exitCode, printed } = await run({
      from: '2026-03-10',
      to: '2026-03-13',
      summary: true,
    });
    const rows = z.array(coverageSummaryRowSchema).parse(JSON.parse(printed));
    expect(rows).toEqual([
      expect.objectContaining({ state: 'not_collected', cells: 48, keys: 2, actions: ['alert'] }),
      expect.objectContaining({ state: 'not_provided', cells: 1, keys: 1, actions: ['alert'] }),
      {
        region: 'core',
        dataset: 'maxExchanges',
        state: 'present',
        cells: 143,
        keys: 2,
        firstBusinessDay: '2026-03-10',
        lastBusinessDay: '2026-03-12',
        actions: ['accept'],
        completeness: 143 / 192,
        collectionRate: 143 / 191,
      },
    ]);
    expect(exitCode).toBe(3);
  });

  test('completeness has a row for each day, as jao.completeness has it, and of some keys', async () => {
    const { exitCode, printed } = await run({
      from: '2026-03-11',
      to: '2026-03-13',
      completeness: true,
    });
    const document: unknown = JSON.parse(printed);
    const rows = z.array(completenessRowSchema).parse(document);
    expect(rows).toEqual(document);
    expect(rows).toMatchObject([
      { businessDay: '2026-03-11', cells: 48, present: 48, completeness: 1, collectionRate: 1 },
      {
        businessDay: '2026-03-12',
        cells: 48,
        notProvided: 1,
        completeness: 47 / 48,
        collectionRate: 1,
      },
      {
        businessDay: '2026-03-13',
        cells: 48,
        notCollected: 48,
        completeness: 0,
        collectionRate: 0,
      },
    ]);
    expect(exitCode).toBe(3);
    const reader = await openAs(store, 'reader');
    const inSql = await reader.rows(
      z.object({ day: z.string(), completeness: z.number(), rate: z.number() }),
      `select business_day as day, completeness, collection_rate as rate from jao.completeness_as_of($1)
       where region = 'core' and dataset = 'maxExchanges' and business_day between '2026-03-11' and '2026-03-13'
       order by 1`,
      [now],
    );
    expect(inSql).toEqual(
      rows.map(({ businessDay: day, completeness, collectionRate: rate }) => ({
        day,
        completeness,
        rate,
      })),
    );
    await reader.close();
    const ofKey = await run({
      from: '2026-03-12',
      to: '2026-03-12',
      completeness: true,
      key: ['a'],
    });
    expect(ofKey.exitCode).toBe(0);
    expect(JSON.parse(ofKey.printed)).toMatchObject([{ cells: 24, present: 24, completeness: 1 }]);
  });

  test('what is configured to be accepted is explained, and what is to alert is short and first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-coverage-'));
    const file = join(folder, 'settings.json');
    const actions = {
      default: { not_provided: 'accept', late: 'alert' },
      'core/maxExchanges': { not_provided: ['re-ask'] },
    };
    await writeFile(file, JSON.stringify({ coverageActions: actions }));
    const accepted = await run({ from: '2026-03-12', to: '2026-03-12' }, file);
    expect(accepted.exitCode).toBe(0);
    expect(JSON.parse(accepted.printed)).toMatchObject([
      { state: 'present' },
      { state: 'present' },
      { state: 'not_provided', actions: ['re-ask'] },
    ]);
    const asOf = new Date(dueAtMs(contract, '2026-03-12') + 1).toISOString();
    const late = await run({ from: '2026-03-11', to: '2026-03-12', asOf }, file);
    expect(late.exitCode).toBe(3);
    expect(late.said).toContain('48 due cells are late');
    expect(JSON.parse(late.printed)).toMatchObject([
      { state: 'late', actions: ['alert'] },
      { state: 'late' },
      { state: 'present' },
      { state: 'present' },
    ]);
    await rm(folder, { recursive: true });
  });

  test('as of an earlier time it is what was known then', async () => {
    const asOf = new Date(lateAnswerMs - 120_000).toISOString();
    const { exitCode, printed } = await run({
      from: '2026-03-11',
      to: '2026-03-12',
      asOf,
      summary: true,
    });
    expect(z.array(coverageSummaryRowSchema).parse(JSON.parse(printed))).toMatchObject([
      { state: 'present', cells: 48, firstBusinessDay: '2026-03-11' },
      { state: 'not_due', cells: 48, firstBusinessDay: '2026-03-12' },
    ]);
    expect(exitCode).toBe(0);
  });

  test('what is only late is no shortfall yet', async () => {
    const asOf = new Date(dueAtMs(contract, '2026-03-12') + 1).toISOString();
    const { exitCode, printed } = await run({ from: '2026-03-12', to: '2026-03-12', asOf });
    expect(z.array(coverageRowSchema).parse(JSON.parse(printed))).toMatchObject([
      { key: 'a', state: 'late' },
      { key: 'b', state: 'late' },
    ]);
    expect(exitCode).toBe(0);
  });

  test('a dataset that nobody ever asked for falls short as a whole, with an empty document', async () => {
    const { exitCode, printed, said } = await run({ dataset: ['core/netPos'] });
    expect(printed).toBe('[]\n');
    expect(said).toContain('nothing of core/netPos was ever asked for');
    expect(exitCode).toBe(3);
  });

  test('of a past time advises nothing that can not change it any more', async () => {
    const asOf = '2026-03-11T00:00:00Z';
    const { exitCode, said } = await run({ dataset: ['core/netPos'], asOf });
    expect(said).toContain(`nothing of core/netPos had been asked for by ${asOf}`);
    expect(said).not.toContain('backfill');
    expect(exitCode).toBe(3);
  });

  test.each([
    [
      ['c'],
      ['core/maxExchanges'],
      '--key: no answer of core/maxExchanges that was stored ever had "c"',
    ],
    [['a', 'c', ''], ['core/maxExchanges'], 'ever had "c", ""'],
    [['a'], ['core/netPos'], 'no answer of core/netPos that was stored ever had "a"'],
    [['c'], ['core/maxExchanges', 'core/netPos'], 'of core/maxExchanges, core/netPos that'],
  ])('a slip in a key is no check that succeeds: %j of %j', async (key, dataset, message) => {
    await expect(run({ key, dataset })).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) as string }),
    );
  });

  test('a key that one of the datasets has is known', async () => {
    const { exitCode, said } = await run({
      key: ['a'],
      dataset: ['core/maxExchanges', 'core/netPos'],
    });
    expect(said).toContain('nothing of core/netPos was ever asked for');
    expect(exitCode).toBe(3);
  });

  test.each([
    [{ state: ['gone'] }, /--state: there is no "gone"; choose present, /],
    [{ asOf: '2026-03-10' }, /--as-of: "2026-03-10" is no instant such as .* and Z or an offset/],
    [{ asOf: '2026-03-10T12:00' }, /is no instant/],
    [{ asOf: '2026-02-30T12:00:00Z' }, /is no instant/],
    [{ asOf: '2026-03-12T12:00:00.001Z' }, /is still to come/],
    [{ asOf: '0001-01-01T00:00:00Z' }, /is before 1970, when nothing was known/],
    [{ from: '2026-03-12', to: '2026-03-11' }, /is after/],
    [{ dataset: ['core/none'] }, /catalogue has no "core\/none"/],
    [{ completeness: true, summary: true }, /--completeness: .* leave out --summary/],
    [{ completeness: true, state: ['late'] }, /--completeness: .* leave out --state/],
  ])('%j is refused', async (options, message) => {
    await expect(run(options)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
  });
});
