import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { DayChecker } from '../../src/checks/day-checker.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';

const contract = contractOf('swe/Adjustment');
const [first, second] = ['2026-03-10', '2026-03-11'] as const;
const lineSchema = z.looseObject({ level: z.string(), msg: z.string() });

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;
let lines: z.infer<typeof lineSchema>[];
let checker: DayChecker;

beforeEach(async () => {
  database = await createJaoDatabase();
  store = await openStore(database);
  owner = await openAs(database, 'owner');
  lines = [];
  const log = pino(
    { formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(lineSchema.parse(JSON.parse(line))) },
  );
  checker = new DayChecker({
    db: store.db,
    runId: store.runId,
    log,
    settings: {},
    now: () => new Date('2026-03-20T12:00:00Z'),
    statementTimeoutMs: 300,
  });
  for (const [day, value] of [
    [first, 700],
    [second, -1],
  ] as const) {
    const cells = { finalNtc_ES_FR: throughout(contract, day, value) };
    await store.collect(contract, day, answerOf(contract, day, cells));
  }
});

afterEach(async () => {
  await checker.stop();
  await owner.close();
  await store.close();
});

test('a day that was stored is checked, with one line for it and its results on record', async () => {
  checker.add(contract, first);
  checker.add(contract, second);
  await checker.finish();
  expect(lines).toMatchObject([
    {
      level: 'info',
      msg: 'checks passed',
      dataset: 'swe/Adjustment',
      businessDay: first,
      failed: 0,
    },
    {
      level: 'warn',
      msg: 'checks warned',
      businessDay: second,
      warned: 1,
      checks: [{ checkId: 'cells.value.floor', outcome: 'warned', observed: '24 of 24 rows' }],
    },
  ]);
  const days = await store.db.rows(
    z.object({ day: z.string(), run: z.string() }),
    `select distinct period_from::text as day, run_id::text as run from ops.check_result
     where period_from = period_to order by 1`,
  );
  expect(days).toEqual([
    { day: first, run: store.runId },
    { day: second, run: store.runId },
  ]);
});

test('a check that hangs costs only itself: no store waits, and the next day has its turn', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isLocked = (): void => undefined;
  const locked = new Promise<void>((resolve) => {
    isLocked = resolve;
  });
  const holding = owner.transaction(async (tx) => {
    await tx.query('lock table jao.dataset_day in access exclusive mode');
    isLocked();
    await held;
  });
  await locked;
  checker.add(contract, first);
  await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(1);
  release();
  await holding;
  checker.add(contract, second);
  await checker.finish();
  expect(lines.map(({ level, businessDay }) => [level, businessDay])).toEqual([
    ['error', first],
    ['warn', second],
  ]);
  expect(Number(lines[0]?.['error'])).toBeGreaterThan(0);
});

test('a database that refuses results is a line in the log, and nothing else', async () => {
  await owner.query('revoke insert on ops.check_result from sluice_worker');
  checker.add(contract, first);
  await checker.finish();
  expect(lines).toMatchObject([
    { level: 'error', msg: 'checks could not be run', businessDay: first },
  ]);
});

test('what has not begun when the run ends is left out, and said so', async () => {
  checker.add(contract, first);
  checker.add(contract, second);
  await checker.stop();
  checker.add(contract, first);
  await checker.finish();
  expect(lines.map(({ msg }) => msg)).toEqual([
    'stored, and not checked, as the run ends',
    'stored, and not checked, as the run ends',
  ]);
});
