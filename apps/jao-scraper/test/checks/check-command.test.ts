import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { checkReportSchema } from '@sluice/schemas/expectations';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { checkCommand } from '../../src/checks/check-command.ts';
import type { CheckCommandOptions } from '../../src/checks/check-command.ts';
import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
const days = ['2026-01-28', '2026-01-29', '2026-01-30', '2026-01-31'] as const;
const period = { from: '2026-01-28', to: '2026-02-01' };
/** Of the 132 keys that the dataset is known to have. */
const keys = Array.from({ length: 132 }, (_, index) => `border_A${index}_B`);

let database: TestDatabase;

/** Four days, the last of which has 48 values below zero; the fifth, which is due, never came. */
beforeAll(async () => {
  database = await createJaoDatabase();
  const store = await openStore(database);
  for (const day of days) {
    const values = keys.map((_, index) => (day === '2026-01-31' && index < 2 ? -5 : 100 + index));
    const cells = keys.map(
      (key, index) => [key, throughout(contract, day, values[index])] as const,
    );
    await store.collect(contract, day, answerOf(contract, day, Object.fromEntries(cells)));
  }
  await store.close();
}, 60_000);

afterAll(() => undefined);

async function check(
  options: Partial<CheckCommandOptions> = {},
  settings: unknown = {},
): Promise<{ readonly context: FakeContext; readonly exitCode: ExitCode }> {
  const made = fakeContext({
    flags: { databaseUrl: database.url('worker') },
    now: () => new Date('2026-02-01T12:00:00Z'),
  });
  const checks = checkSettingsSchema.parse(settings);
  const context = { ...made, config: { ...made.config, checks } };
  const exitCode = await checkCommand(context, { ...period, format: 'json', ...options });
  return { context, exitCode };
}

function reportOf(context: FakeContext) {
  return checkReportSchema.parse(JSON.parse(context.printed()));
}

describe('check', () => {
  test('prints each result, puts it on record with its run, and exits with 3 where one failed', async () => {
    const { context, exitCode } = await check();
    expect(exitCode).toBe(exitCodes.fellShort);
    const report = reportOf(context);
    expect(report.outcome).toBe('failed');
    const failed = report.results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ checkId, failing, tested }) => [checkId, failing, tested])).toEqual([
      ['cells.value.floor', 48, 4 * 24 * 132],
      ['days.fresh', null, null],
      ['days.gaps', 1, 5],
    ]);
    expect(failed[0]?.failingKeys).toHaveLength(48);
    expect(failed[2]?.failingKeys).toEqual([{ business_day: '2026-02-01' }]);
    expect(report.results.filter(({ outcome }) => outcome === 'error')).toEqual([]);
    // One for each day that is there; before them there is none.
    const means = report.results.filter(({ checkId }) => checkId === 'cells.value.mean');
    expect(means.map(({ period: about, outcome }) => [about?.from, outcome])).toEqual(
      [...days, '2026-02-01'].map((day) => [day, 'skipped']),
    );

    const reader = await openAs(database, 'reader');
    const rows = await reader.rows(
      z.object({ outcome: z.string(), results: z.int(), newest: z.int() }),
      `select outcome, count(*) as results, count(*) filter (where is_newest) as newest
       from jao.check_result where run_id = $1 group by outcome order by outcome`,
      [report.runId],
    );
    const counts = Map.groupBy(report.results, ({ outcome }) => outcome);
    expect(rows).toEqual(
      [...counts]
        .map(([outcome, { length }]) => ({ outcome, results: length, newest: length }))
        .toSorted((a, b) => (a.outcome < b.outcome ? -1 : 1)),
    );
    const { failures } = await reader.row(
      z.object({ failures: z.int() }),
      `select count(*) as failures from jao.check_failure
       where check_id = 'cells.value.floor' and row_key ->> 'key' = 'border_A1_B'`,
    );
    expect(failures).toBe(24);
    await reader.close();
    const worker = await openAs(database, 'worker');
    const run = await worker.query(
      'select command, outcome, error, dataset from ops.run where run_id = $1',
      [report.runId],
    );
    await worker.close();
    expect(run).toEqual([
      {
        command: 'check',
        outcome: 'failed',
        error:
          'checks failed: core/maxExchanges cells.value.floor, core/maxExchanges days.fresh, core/maxExchanges days.gaps',
        dataset: 'core/maxExchanges',
      },
    ]);
  });

  test('exits with 0 where nothing is worse than a warning', async () => {
    const { context, exitCode } = await check(
      { to: '2026-01-31' },
      { 'core/maxExchanges': { 'cells.value.floor': { error: null, warn: { count: 0 } } } },
    );
    expect(exitCode).toBe(exitCodes.done);
    expect(
      reportOf(context).results.flatMap(({ outcome, checkId }) =>
        outcome === 'warned' ? [checkId] : [],
      ),
    ).toEqual(['cells.value.floor']);
  });

  test('runs those checks that are named, and none that is off', async () => {
    const named = await check({ check: ['days.gaps', 'cells.unit'] });
    expect(reportOf(named.context).results.map(({ checkId }) => checkId)).toEqual([
      'cells.unit',
      'days.gaps',
    ]);
    const off = await check({}, { '*': { 'days.gaps': { off: true } } });
    expect(reportOf(off.context).results.map(({ checkId }) => checkId)).not.toContain('days.gaps');
    await expect(check({ check: ['cells.unti'] })).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringMatching(
        /"cells.unti" \(did you mean cells.unit.*\); there are .*cells\.unit/,
      ) as string,
    });
  });

  test('prints the keys of all that fails, more than a result has', async () => {
    const everything = { 'core/maxExchanges': { 'cells.value.plausible': { off: true } } };
    const { context, exitCode } = await check(
      { keys: true, check: ['cells.value.floor', 'days.gaps'] },
      everything,
    );
    expect(exitCode).toBe(exitCodes.fellShort);
    const printed = z
      .array(
        z.object({
          dataset: z.string(),
          checkId: z.string(),
          key: z.record(z.string(), z.unknown()),
        }),
      )
      .parse(JSON.parse(context.printed()));
    expect(printed).toHaveLength(49);
    expect(printed[0]).toEqual({
      dataset: 'core/maxExchanges',
      checkId: 'cells.value.floor',
      key: {
        region: 'core',
        dataset: 'maxExchanges',
        key: 'border_A0_B',
        delivery_start: '2026-01-30T23:00:00Z',
      },
    });
    expect(printed[48]?.key).toEqual({ business_day: '2026-02-01' });
    const all = await check({ keys: true, check: ['cells.value.floor'], format: 'csv' }, {});
    expect(all.context.printed().split('\n')).toHaveLength(1 + 48 + 1);
  });

  test('prints all days that are missing, more than a result has', async () => {
    const { context } = await check({
      keys: true,
      check: ['days.gaps'],
      from: '2022-06-09',
      to: '2025-12-31',
      format: 'csv',
    });
    const due = (Date.UTC(2026, 0, 1) - Date.UTC(2022, 5, 9)) / 86_400_000;
    expect(context.printed().split('\n')).toHaveLength(1 + due + 1);
  });

  test('prints no keys of what counts nothing that has any, and says so', async () => {
    const { context } = await check({ keys: true });
    expect(context.said()).toContain('counts nothing that has keys: core/maxExchanges days.fresh');
    await expect(check({ keys: true, check: ['days.fresh', 'days.gaps'] })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--keys: days.fresh: it is about all rows') as string,
    });
  });

  test('prints what was found before', async () => {
    const { context, exitCode } = await check({ history: 'cells.value.floor', from: '2026-01-01' });
    expect(exitCode).toBe(exitCodes.done);
    const printed = z
      .array(z.object({ checkId: z.string(), outcome: z.string(), failing: z.int() }))
      .parse(JSON.parse(context.printed()));
    expect(new Set(printed.map(({ checkId }) => checkId))).toEqual(new Set(['cells.value.floor']));
    expect(printed.length).toBeGreaterThan(1);
    const none = await check({ history: true, dataset: ['core/netPos'] });
    expect(none.context.said()).toContain('no such result is on record');
    await expect(check({ history: true, keys: true })).rejects.toMatchObject({ exitCode: 2 });
    await expect(check({ history: 'days.gaps', check: ['days.fresh'] })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--history days.gaps and --check') as string,
    });
    await expect(check({ history: 'cells.value.flor' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('did you mean cells.value.floor') as unknown,
    });
  });

  test('shows people a line for each check', async () => {
    const { context } = await check({ format: 'table' });
    expect(context.printed()).toMatch(/cells\.value\.floor.*failed.*error.*48 of 12672 rows/);
    expect(context.printed()).toMatch(/cells\.value\.mean.*skipped.*5 days/);
    expect(context.said()).toContain('--keys');
  });
});

describe('what is said of checks in the file of settings', () => {
  test.each([
    [{ 'core/nothing': {} }, 'the catalogue has no "core/nothing"'],
    [
      { 'core/netPos': { 'cells.x': { off: true } } },
      'core/netPos cells.x: there is no such check',
    ],
    [{ '*': { 'cells.x': { off: true } } }, '* cells.x: no dataset has such a check'],
    [
      { '*': { 'days.gaps': { action: 'quarantine' } } },
      'days.gaps: action: it is about whole days; refuse keeps a day out',
    ],
    [{ 'core/netPos': { 'cells.unit': { warn: 3 } } }, 'core/netPos cells.unit'],
  ])('%j is refused by name', (settings, message) => {
    const parsed = checkSettingsSchema.safeParse(settings);
    expect(parsed.error?.issues.map((issue) => issue.message).join('; ')).toContain(message);
  });

  test('a dataset of its own wins over all', () => {
    const settings = {
      '*': { 'cells.unit': { off: true } },
      'core/netPos': { 'cells.unit': { error: { count: 5 } } },
    };
    expect(checkSettingsSchema.parse(settings)).toEqual(settings);
  });
});
