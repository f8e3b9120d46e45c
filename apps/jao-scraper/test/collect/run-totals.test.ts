import { startJaoSimulator } from '@sluice/jao-simulator';
import { postgresTotalNames, startPostgresRun } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { keepClaims } from '../../src/collect/claim-keeper.ts';
import { RunTotals } from '../../src/collect/run-totals.ts';
import { fakeContext } from '../fake-context.ts';
import { openStore } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const nowMs = Date.UTC(2026, 6, 1, 12);

let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
});

async function readRun(command: string): Promise<unknown> {
  const [run] = await owner.query(
    `select outcome, ${postgresTotalNames.join(', ')} from ops.run where command = $1`,
    [command],
  );
  return run;
}

test('a run that fails on its way has the days on record that it had stored by then', async () => {
  await owner.run(
    `create function jao.refuse_a_day() returns trigger language plpgsql as $$
     begin
       raise exception 'not this day';
     end $$`,
  );
  await owner.run(
    `create trigger refuse_a_day before insert on jao.dataset_day for each row
     when (new.business_day = '2026-06-11') execute function jao.refuse_a_day()`,
  );
  const simulator = await startJaoSimulator({ nowMs });
  onTestFinished(() => simulator.close());
  const context = fakeContext({
    flags: {
      databaseUrl: database.url('worker'),
      baseUrl: simulator.url,
      requestsPerMinute: '0',
      concurrency: '1',
    },
    now: () => new Date(nowMs),
  });
  const period = { from: '2026-06-09', to: '2026-06-12' };
  await expect(backfillCommand(context, { ...period, format: 'json' })).rejects.toThrow(
    'not this day',
  );
  expect(await readRun('backfill')).toEqual({
    outcome: 'failed',
    read: 2 * 24 * 132,
    accepted: 2 * 24 * 132,
    duplicate: 0,
    conflicting: 0,
    quarantined: 0,
    refused: 0,
    unchanged: 0,
  });
});

test('a run that dies has on record what it had done at its last heartbeat', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { db, runId, close } = await openStore(database);
  onTestFinished(close);
  const totals = new RunTotals();
  const keeper = keepClaims({ db, runId, totals, onNotice: () => undefined });
  totals.add({ read: 13, added: 5, revised: 1, unchanged: 2, quarantined: 1, duplicate: 4 });
  vi.advanceTimersByTime(15_000);
  await keeper.stop();
  totals.add({ read: 9, added: 9, revised: 0, unchanged: 0, quarantined: 0, duplicate: 0 });
  await owner.run(`update ops.run set process_mark = '1-0.00000000'`);
  await startPostgresRun(db, {
    runId: randomUUID(),
    app: 'jao-scraper',
    command: 'next',
    appVersion: '1.0.0',
    contractVersion: '1',
    heartbeatTtlMs: 3_600_000,
  });
  expect(await readRun('test')).toEqual({
    outcome: 'abandoned',
    read: 13,
    accepted: 6,
    duplicate: 4,
    conflicting: 0,
    quarantined: 1,
    refused: 0,
    unchanged: 2,
  });
});

test('what was read is told for itself, and no sum of the rest', () => {
  const totals = new RunTotals();
  totals.add({ read: 7, added: 5, revised: 0, unchanged: 0, quarantined: 1, duplicate: 0 });
  expect(totals.value).toMatchObject({ read: 7, accepted: 5, quarantined: 1 });
});
