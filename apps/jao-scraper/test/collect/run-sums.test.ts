import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { addDays, backfillReportSchema } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import { plainRun } from '../../src/collect/plain-run.ts';
import { RunSums } from '../../src/collect/run-sums.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { watchCommand } from '../../src/watch/watch-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { answerOf, throughout } from '../store/answers.ts';
import type { Cell } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';
import { backdate } from '../store/told-stories.ts';

const now = new Date('2026-07-01T12:00:00Z');
const contract = contractOf('core/maxExchanges');
const day = '2026-06-10';
const cells = 24 * 132;

let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
});

/** Has the database itself harm what is written, behind the back of the app. */
async function harm(table: string, event: string, body: string): Promise<void> {
  await owner.run(
    `create function ops.harm() returns trigger language plpgsql as $$ begin ${body} end $$`,
  );
  await owner.run(
    `create trigger harm before ${event} on ${table} for each row execute function ops.harm()`,
  );
}

const losesOneVersion = [
  'jao.observation',
  'insert',
  `if extract(hour from new.delivery_start) = 10 and new.series_id = 1 then return null; end if; return new;`,
] as const;

async function simulate(nowMs = now.getTime()): Promise<JaoSimulator> {
  const simulator = await startJaoSimulator({ nowMs, jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
  return simulator;
}

function collecting({ url }: JaoSimulator): FakeContext {
  return fakeContext({
    flags: { databaseUrl: database.url('worker'), baseUrl: url, requestsPerMinute: '0' },
    now: () => now,
  });
}

async function readRun(command: string): Promise<{ outcome: string; error: string | null }> {
  return owner.row(
    z.object({ outcome: z.string(), error: z.string().nullable() }),
    'select outcome, error from ops.run where command = $1',
    [command],
  );
}

describe('a backfill whose rows are not all there in the end', () => {
  test('falls short, and says of which day, how many, and what to do', async () => {
    await harm(...losesOneVersion);
    const context = collecting(await simulate());

    const options = { from: day, to: day, format: 'json' } as const;
    expect(await backfillCommand(context, options)).toBe(exitCodes.fellShort);

    expect(backfillReportSchema.parse(JSON.parse(context.printed()))).toMatchObject({
      outcome: 'failed',
    });
    const sentence = `${contract.name} ${day}, attempt 1: ${cells - 1} versions stored, ${cells} counted`;
    expect(context.said()).toContain(sentence);
    expect(context.said()).toMatch(/run jao-scraper verify/);
    const run = await readRun('backfill');
    expect(run.outcome).toBe('failed');
    expect(run.error).toContain(sentence);
    expect(
      await owner.query(
        `select labels, value from ops.counter where name = 'sluice_ledger_differences_total'`,
      ),
    ).toEqual([{ labels: { dataset: contract.name }, value: 1 }]);
  });

  test('falls short also where the attempts are sound, and the totals of the run are others', async () => {
    await harm(
      'ops.attempt',
      'update',
      'new.read := new.read + 1; new.duplicate := new.duplicate + 1; return new;',
    );
    const context = collecting(await simulate());
    const options = { from: day, to: day, format: 'json' } as const;
    expect(await backfillCommand(context, options)).toBe(exitCodes.fellShort);
    expect(context.said()).toContain(
      `${cells} cells read in the run, ${cells + 1} in its attempts`,
    );
  });
});

test('a watcher says so of each day once it is stored', async () => {
  await harm(...losesOneVersion);
  // A watcher goes by the clock of the database.
  const context = collecting(await simulate(Date.now()));
  const options = { once: true, dataset: [contract.name] };
  expect(await watchCommand(context, options)).toBe(exitCodes.fellShort);
  const log = context.said();
  expect(log).toContain('what is stored is not what was counted');
  expect(await readRun('watch')).toMatchObject({ outcome: 'failed' });
});

test('a re-reading that does not get all its versions stored changes nothing of the day', async () => {
  const store = await openOneStore();
  await store.collect(contract, day, dayOf({ a: 1, b: 2 }));
  await owner.run('delete from jao.observation');
  await harm(...losesOneVersion);
  const context = contextOn(database);
  await expect(reparseCommand(context, { format: 'json' })).rejects.toThrow(
    /core\/maxExchanges 2026-06-10: 47 versions stored, 48 counted; nothing of the day was changed/,
  );
  expect(await owner.query('select from jao.observation')).toEqual([]);
});

describe('the sums of attempts', () => {
  test.each<[string, Parameters<typeof harm>, RegExp]>([
    ['a version', [...losesOneVersion], /attempt 1: 46 versions stored, 47 counted/],
    [
      'a withdrawal',
      ['jao.observation', 'insert', 'if new.withdrawn then return null; end if; return new;'],
      /attempt 2: 0 withdrawals stored, 1 counted/,
    ],
    [
      'an entry',
      ['ops.quarantine', 'insert', 'return null;'],
      /attempt 1: 0 entries of quarantine stored, 1 counted/,
    ],
    [
      'a cell',
      ['ops.attempt', 'update', 'new.read := new.read + 1; return new;'],
      /attempt 1: 48 cells read stored, 49 counted/,
    ],
  ])('tell that %s is missing', async (_, harming, message) => {
    await harm(...harming);
    const store = await openOneStore();
    await store.collect(contract, day, dayOf({ a: 1, b: 2 }, { 3: 'n/a' }));
    await store.collect(contract, day, dayOf({ a: 1, b: 2 }, { 3: 'n/a', 5: undefined }));
    const sums = sumsOf(store);
    await sums.compareAttempts();
    expect(sums.problem).toMatch(message);
  });

  test('are right of every kind of answer, and stay right once it is read again', async () => {
    const store = await openOneStore({
      [contract.name]: { 'cells.value.floor': { action: 'refuse' } },
    });
    const later = addDays(day, 7);
    const answers = [
      dayOf({ a: 1, b: 2 }, { 3: 'n/a' }),
      dayOf({ a: 1, b: 2 }, { 3: 'n/a' }),
      dayOf({ a: 1, b: 3, c: 4 }, { 3: 'n/a', 5: null }),
      dayOf({ a: 1, b: 3, c: 4 }, { 3: 'none', 5: undefined }),
      dayOf({ a: -1, b: 3 }),
      answerOf(contract, later, { a: throughout(contract, later, 1) }),
      dayOf({}),
      dayOf({ b: 3 }),
    ];
    for (const body of answers) {
      await store.collect(contract, day, body);
      await backdate(owner, contract, day);
    }
    const outcomes = store.attempts.map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(
      new Set(['stored', 'unchanged', 'failed_check', 'foreign', 'deferred']),
    );
    await reparseCommand(contextOn(database), { format: 'json' });
    const sums = sumsOf(store);
    await sums.compareAttempts();
    expect(sums.problem).toBeUndefined();
  });

  test('are looked at of the attempts that are named', async () => {
    await harm(...losesOneVersion);
    const store = await openOneStore();
    await store.collect(contract, day, dayOf({ a: 1 }));
    await store.collect(contract, addDays(day, 1), dayOf({ a: 1 }, {}, addDays(day, 1)));
    const [of, others] = [sumsOf(store), sumsOf(store)];
    await of.compareAttempts([2]);
    expect(of.problem).toContain(`${addDays(day, 1)}, attempt 2`);
    expect(of.problem).not.toContain('attempt 1');
    await others.compareAttempts([3]);
    expect(others.problem).toBeUndefined();
  });
});

async function openOneStore(settings: unknown = {}): Promise<TestStore> {
  const store = await openStore(database, {}, checkSettingsSchema.parse(settings));
  onTestFinished(() => store.close());
  return store;
}

function sumsOf({ db, runId }: TestStore): RunSums {
  return new RunSums({ ...plainRun(contextOn(database), db), runId });
}

/** A day of keys with one value each, but for some cells of the first, by row. */
function dayOf(
  values: Readonly<Record<string, number>>,
  odd: Readonly<Record<number, number | string | null | undefined>> = {},
  of = day,
): Uint8Array {
  const cellsOfKeys: Record<string, Cell[]> = {};
  for (const [column, [key, value]] of Object.entries(values).entries()) {
    cellsOfKeys[key] = throughout(contract, of, value).map((cell, row) =>
      column === 0 && row in odd ? odd[row] : cell,
    );
  }
  return answerOf(contract, of, cellsOfKeys);
}
