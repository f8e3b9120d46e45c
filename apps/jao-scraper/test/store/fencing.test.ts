import { renewClaims } from '@sluice/warehouse/postgres';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import type { PieceFate, TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { answerOf, throughout } from './answers.ts';
import { versionsOf } from './look.ts';
import { createJaoDatabase } from './test-database.ts';
import { contractOf, openStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const contract = contractOf('core/maxExchanges');
const a = 'border_AT_BE';

let database: TestDatabase;
let store: TestStore;

beforeAll(async () => {
  database = await createJaoDatabase();
  store = await openStore(database);
});

afterAll(async () => {
  await store.close();
});

const answer = (day: string, value: number) =>
  answerOf(contract, day, { [a]: throughout(contract, day, value) });

async function attemptsOf(day: string): Promise<unknown[]> {
  return store.db.query(
    `select outcome, added, revised, known_from is not null as stamped, error
     from ops.attempt where business_day = $1 order by attempt_id`,
    [day],
  );
}

const noError = { error: null };

describe('a writer whose claim was taken over', () => {
  test('stores nothing, and its attempt says so', async () => {
    const day = '2026-01-10';
    const lost = await store.claim(contract, day, 0);
    const other = await openStore(database);
    await other.collect(contract, day, answer(day, 2));
    expect(await store.collect(contract, day, answer(day, 1), lost)).toMatchObject({
      outcome: 'fenced',
      written: undefined,
    });
    await other.close();
    expect(await versionsOf(store.db, contract, day, a)).toEqual(
      throughout(contract, day, 2).map((value, row) => `${row}: ${String(value)}`),
    );
    expect(await attemptsOf(day)).toEqual([
      { outcome: 'stored', added: 24, revised: 0, stamped: true, ...noError },
      {
        outcome: 'fenced',
        added: 0,
        revised: 0,
        stamped: false,
        error: expect.stringContaining('another process has taken it over') as unknown,
      },
    ]);
  });

  test('notes nothing either where it found the day as it was', async () => {
    const day = '2026-01-11';
    await store.collect(contract, day, answer(day, 1));
    const lost = await store.claim(contract, day, 0);
    const taken = await store.claim(contract, day);
    expect(await store.collect(contract, day, answer(day, 1), lost)).toMatchObject({
      outcome: 'fenced',
    });
    expect(await renewClaims(store.db, [taken], 60_000)).toHaveLength(1);
    expect(await store.collect(contract, day, answer(day, 1), taken)).toMatchObject({
      outcome: 'unchanged',
    });
  });

  test('may still store while its claim has expired and nobody has taken it', async () => {
    const day = '2026-01-12';
    const expired = await store.claim(contract, day, 0);
    expect(await store.collect(contract, day, answer(day, 1), expired)).toMatchObject({
      outcome: 'stored',
    });
  });
});

describe('an error at COMMIT', () => {
  test.each([
    ['storing a day', 'known_from = $23', 'cut_before', '2026-01-20'],
    ['storing a day', 'known_from = $23', 'cut_after', '2026-01-21'],
    ['opening an attempt', 'insert into ops.attempt', 'cut_before', '2026-01-22'],
    ['opening an attempt', 'insert into ops.attempt', 'cut_after', '2026-01-23'],
  ] as const)('of %s (%s, %s) doubles nothing, and loses nothing', async (_, marker, fate, day) => {
    const url = database.url('worker');
    const proxy = await DatabaseProxy.start(url);
    const cut = await openStore(database, { url: proxy.urlOf(url) });
    const results = [];
    for (const value of [1, 1, 2]) {
      const cutCommit = createCommitFault(marker, fate);
      proxy.decide = cutCommit.decide;
      results.push(await cut.collect(contract, day, answer(day, value)));
      expect(cutCommit.hasStruck()).toBe(true);
    }
    expect(results).toMatchObject([
      { outcome: 'stored', written: { added: 24, isFinished: true } },
      { outcome: 'unchanged', written: { added: 0, unchanged: 24 } },
      { outcome: 'stored', written: { added: 0, revised: 24 } },
    ]);
    await cut.close();
    await proxy.stop();
    expect(await versionsOf(store.db, contract, day, a)).toHaveLength(48);
    expect(await attemptsOf(day)).toEqual([
      { outcome: 'stored', added: 24, revised: 0, stamped: true, ...noError },
      { outcome: 'unchanged', added: 0, revised: 0, stamped: false, ...noError },
      { outcome: 'stored', added: 0, revised: 24, stamped: true, ...noError },
    ]);
  });
});

/** Strikes once: at the COMMIT of the transaction that sends `marker`, while no other is under way. */
function createCommitFault(marker: string, fate: PieceFate) {
  let state: 'ahead' | 'marked' | 'struck' = 'ahead';
  return {
    hasStruck: (): boolean => state === 'struck',
    decide: (piece: Buffer): PieceFate => {
      if (state === 'ahead' && piece.includes(marker)) {
        state = 'marked';
      }
      if (state !== 'marked' || !piece.includes('commit\0')) {
        return 'pass';
      }
      state = 'struck';
      return fate;
    },
  };
}
