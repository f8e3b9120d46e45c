import { daysBetween } from '@sluice/schemas/jao';
import { claimDays, releaseClaims } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { WantedDay } from '../../src/backfill/day-queue.ts';
import { workOnDays } from '../../src/backfill/work-on-days.ts';
import type { RunContext } from '../../src/collect/collect-context.ts';
import { DatabaseOutage } from '../../src/collect/database-outage.ts';
import { RunTotals } from '../../src/collect/run-totals.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';

const contract = contractOf('core/maxNetPos');

let database: TestDatabase;
let store: TestStore;
let other: TestStore;

beforeAll(async () => {
  database = await createJaoDatabase();
  store = await openStore(database);
  other = await openStore(database);
});

afterAll(async () => {
  await store.close();
  await other.close();
});

function contextOf({ db, runId }: TestStore): RunContext {
  return {
    db,
    runId,
    signal: new AbortController().signal,
    totals: new RunTotals(),
    databaseWaitMs: 10_000,
    outage: new DatabaseOutage(() => undefined),
    onNotice: () => undefined,
  };
}

function wanted(from: string, to: string): WantedDay[] {
  const datasetId = store.datasetId(contract);
  return daysBetween(from, to).map((day) => ({ contract, datasetId, day }));
}

async function heldDays(): Promise<unknown[]> {
  return store.db.query('select business_day from ops.claim where claimed_until is not null');
}

test('each day is worked on once, under its claim, so many at once', async () => {
  const seen: string[] = [];
  let running = 0;
  let most = 0;
  const days = wanted('2026-01-01', '2026-01-20');
  await workOnDays(contextOf(store), days, {
    concurrency: 3,
    isRefetch: false,
    workOn: async (_, { day, claim }) => {
      running += 1;
      most = Math.max(most, running);
      const taken = await claimDays(other.db, {
        days: [{ dataset: contract.name, businessDay: day }],
        limit: 1,
        ttlMs: 60_000,
        runId: other.runId,
      });
      expect(taken).toEqual([]);
      await releaseClaims(store.db, [claim]);
      seen.push(day);
      running -= 1;
      return 'done';
    },
  });
  expect(seen.toSorted()).toEqual(days.map(({ day }) => day));
  expect(most).toBe(3);
  expect(await heldDays()).toEqual([]);
});

test('a day that another process has taken over comes again when that one lets go of it', async () => {
  const ends: string[] = [];
  await workOnDays(contextOf(store), wanted('2026-02-01', '2026-02-01'), {
    concurrency: 2,
    isRefetch: false,
    workOn: async (_, { day, claim }) => {
      await releaseClaims(store.db, [claim]);
      if (ends.length > 0) {
        ends.push('done');
        return 'done';
      }
      const taken = await other.claim(contract, day);
      void delay(50).then(() => releaseClaims(other.db, [taken]));
      ends.push('lost');
      return 'lost';
    },
  });
  expect(ends).toEqual(['lost', 'done']);
  expect(await heldDays()).toEqual([]);
});

test('a worker that fails ends the others, and no day that was not begun stays claimed', async () => {
  let stopped = 0;
  const working = workOnDays(contextOf(store), wanted('2026-03-01', '2026-03-20'), {
    concurrency: 3,
    isRefetch: false,
    workOn: async ({ signal }, { day, claim }) => {
      await releaseClaims(store.db, [claim]);
      if (day === '2026-03-02') {
        throw new RangeError('the second day is too much');
      }
      if (!signal.aborted) {
        await once(signal, 'abort');
      }
      stopped += 1;
      return 'done';
    },
  });
  await expect(working).rejects.toThrow(new RangeError('the second day is too much'));
  expect(stopped).toBe(2);
  expect(await heldDays()).toEqual([]);
});

test('a run that is to stop begins no other day', async () => {
  const stop = new AbortController();
  let begun = 0;
  await workOnDays(
    { ...contextOf(store), signal: stop.signal },
    wanted('2026-04-01', '2026-04-20'),
    {
      concurrency: 1,
      isRefetch: false,
      workOn: async (_, { claim }) => {
        begun += 1;
        await releaseClaims(store.db, [claim]);
        stop.abort();
        return 'done';
      },
    },
  );
  expect(begun).toBe(1);
  expect(await heldDays()).toEqual([]);
});
