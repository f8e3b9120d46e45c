import { recordResults } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import type { QualityResult } from '@sluice/schemas/expectations';
import { addDays, jaoDatasets, jaoSuites } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { checkDays } from '../../src/checks/check-days.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { cleanAnswer } from './clean-day.ts';
import { mutationsFor } from './mutations.ts';

/** After every change of steps and keys that is known. */
const day = '2026-07-15';
const now = new Date('2026-07-16T12:00:00Z');
/** Five weeks: enough of each weekday. */
const daysBefore = Array.from({ length: 35 }, (_, index) => addDays(day, -1 - index));

let simulator: JaoSimulator;
let store: TestStore;
let owner: PostgresDatabase;

beforeAll(async () => {
  simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
  const database = await createJaoDatabase();
  store = await openStore(database);
  owner = await openAs(database, 'owner');
  await owner.query('create schema broken');
}, 60_000);

afterAll(async () => {
  await owner.close();
  await store.close();
  await simulator.close();
});

/** What the checks find of a day, in the tables of the app or in copies of them. */
async function check(
  tx: PostgresTransaction,
  contract: DatasetContract,
  options: { readonly id?: string; readonly on?: BusinessDay; readonly schema?: string } = {},
): Promise<readonly QualityResult[]> {
  const { id, on = day, schema = 'jao' } = options;
  return checkDays(postgresEngine(tx), {
    contract,
    suites: jaoSuites(contract).map(({ relation, suite }) => ({
      relation: { ...relation, schema },
      suite: {
        ...suite,
        expectations: suite.expectations.filter((each) => id === undefined || each.id === id),
      },
    })),
    period: { from: on, to: on },
    compared: [on],
    runId: store.runId,
    now,
  });
}

/** As if the days before had been like this one. */
async function recordSteadyHistory(results: readonly QualityResult[]): Promise<void> {
  const measured = results.filter(({ kind }) => kind === 'anomaly');
  await recordResults(
    postgresEngine(store.db),
    daysBefore.flatMap((before) =>
      measured.map((result) => ({
        ...result,
        resultId: randomUUID(),
        period: { from: before, to: before },
      })),
    ),
  );
}

describe.each(jaoDatasets.map((contract) => [contract.name, contract] as const))(
  'of %s',
  (_, contract) => {
    test('every check passes on a clean day, and fails when the data are broken', async () => {
      const answer = await cleanAnswer(simulator, contract, day);
      expect(await store.collect(contract, day, answer)).toMatchObject({ outcome: 'stored' });
      await recordSteadyHistory(await store.db.read((tx) => check(tx, contract)));
      const clean = await store.db.read((tx) => check(tx, contract));
      expect(clean.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);

      const mutations = mutationsFor(contract);
      await copyDay(contract);
      for (const { checkId } of clean) {
        const { sql, day: on = day } = mutations[checkId] ?? { sql: [] };
        const found = await inVain(async (tx) => {
          for (const statement of sql) {
            await tx.query(statement);
          }
          return check(tx, contract, { id: checkId, on, schema: 'broken' });
        });
        expect(found, checkId).toMatchObject([
          { outcome: expect.stringMatching(/^(?:failed|warned)$/) as string },
        ]);
      }
    });
  },
);

async function copyDay({ region, dataset }: DatasetContract): Promise<void> {
  await owner.transaction(async (tx) => {
    for (const name of ['latest', 'day']) {
      await tx.query(`drop table if exists broken.${name}`);
      await tx.query(
        `create table broken.${name} as
         select * from jao.${name} where region = '${region}' and dataset = '${dataset}' and business_day = '${day}'`,
      );
    }
  });
}

/** Does something in a transaction that is rolled back. */
async function inVain<Result>(
  work: (tx: PostgresTransaction) => Promise<Result>,
): Promise<Result | undefined> {
  let result: Result | undefined;
  const undo = new Error('undone on purpose');
  await owner
    .transaction(async (tx) => {
      result = await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) {
        throw error;
      }
    });
  return result;
}
