import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { DatabaseProxy, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import type { Collector } from '../../src/gather/collector.ts';
import { fillLedger } from '../full-ledger.ts';
import { addAppViews, createOpsDatabase } from '../metrics-database.ts';
import { patientMs, scraperOn } from '../scrape.ts';

/** Short, so that a test does not wait; an answer within it is what the scrape itself promises. */
const hurriedMs = 200;

let database: TestDatabase;
let owner: PostgresDatabase;
let superuser: PostgresDatabase;

beforeAll(async () => {
  ({ database, owner } = await createOpsDatabase());
  superuser = await openAs(database, 'superuser');
  await addAppViews(owner);
  await fillLedger(owner);
});

afterAll(async () => {
  await superuser.close();
  await owner.close();
});

/** The rest of what is told: of a file, say. */
const other: Collector = {
  name: 'other',
  collect: () =>
    Promise.resolve([
      { name: 'sluice_other', help: 'Other.', kind: 'gauge', samples: [{ labels: {}, value: 7 }] },
    ]),
};

async function scraperBehindProxy() {
  const url = database.url('metrics');
  const proxy = await DatabaseProxy.start(url);
  onTestFinished(() => proxy.stop());
  return { proxy, ...scraperOn(proxy.urlOf(url), { others: [other] }) };
}

type Behind = Awaited<ReturnType<typeof scraperBehindProxy>>;

async function expectDown({ scrape }: Behind, timeoutMs = patientMs): Promise<void> {
  const { failed, valuesOf } = await scrape(timeoutMs);
  expect(valuesOf('sluice_up')).toEqual({ '': 0 });
  expect(valuesOf('sluice_other')).toEqual({ '': 7 });
  expect(valuesOf('sluice_build_info')).not.toEqual({});
  expect(failed).toContain('jobs');
  expect(failed).not.toContain('other');
}

async function expectUp({ scrape }: Behind): Promise<void> {
  const { failed, valuesOf } = await scrape();
  expect(failed).toEqual([]);
  expect(valuesOf('sluice_up')).toEqual({ '': 1 });
  expect(valuesOf('sluice_job_running')).not.toEqual({});
}

test('a database that is away when the exporter starts is told of as down, and read when it is there', async () => {
  const behind = await scraperBehindProxy();
  behind.proxy.decide = () => 'cut_before';
  await expectDown(behind);
  await expectDown(behind);
  behind.proxy.decide = () => 'pass';
  await expectUp(behind);
});

test('one that goes away later is down at the next scrape, and up at the first after it is back', async () => {
  const behind = await scraperBehindProxy();
  await expectUp(behind);
  behind.proxy.decide = () => 'cut_before';
  behind.proxy.cut();
  await expectDown(behind);
  behind.proxy.decide = () => 'pass';
  await expectUp(behind);
});

test('one that takes connections and says nothing is down at the deadline, again and again, and then up', async () => {
  const behind = await scraperBehindProxy();
  await expectUp(behind);
  behind.proxy.decide = () => 'lose';
  for (let time = 0; time < 3; time += 1) {
    await expectDown(behind, hurriedMs);
  }
  behind.proxy.decide = () => 'pass';
  // What waits for a connection that never came is no obstacle to new ones.
  await expect.poll(async () => (await behind.scrape()).valuesOf('sluice_up')).toEqual({ '': 1 });
  await expectUp(behind);
});

test('one that was silent from the start is down at the deadline, and then up', async () => {
  const behind = await scraperBehindProxy();
  behind.proxy.decide = () => 'lose';
  await expectDown(behind, hurriedMs);
  behind.proxy.decide = () => 'pass';
  await expect.poll(async () => (await behind.scrape()).valuesOf('sluice_up')).toEqual({ '': 1 });
});

test('a view that takes too long costs its own collector, and is cancelled at the server', async () => {
  const behind = await scraperBehindProxy();
  const unlock = await lockTables('ops.job');
  const { failed, valuesOf } = await behind.scrape(5 * hurriedMs);
  expect(failed).toEqual(['jobs']);
  expect(valuesOf('sluice_up')).toEqual({ '': 1 });
  expect(valuesOf('sluice_origin_requests_total')).not.toEqual({});
  await expect.poll(() => countConnections(behind, `state = 'active'`)).toBe(0);
  await unlock();
  await expectUp(behind);
});

test('it has three connections at most, however many scrape and however slow it is', async () => {
  const behind = await scraperBehindProxy();
  const unlock = await lockTables('ops.job, ops.counter, ops.lease, ops.origin, ops.drift');
  const scrapes = Array.from({ length: 20 }, () => behind.scrape());
  await expect.poll(() => countConnections(behind, `wait_event_type = 'Lock'`)).toBe(3);
  expect(await countConnections(behind)).toBe(3);
  await unlock();
  for (const { failed } of await Promise.all(scrapes)) {
    expect(failed).toEqual([]);
  }
});

/** Keeps everybody out of tables, until what it gives is called. */
async function lockTables(tables: string): Promise<() => Promise<void>> {
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
  const { promise: locked, resolve: lock } = Promise.withResolvers<undefined>();
  const locking = owner.transaction(async (tx) => {
    await tx.run(`lock table ${tables} in access exclusive mode`);
    lock(undefined);
    await held;
  });
  await locked;
  return () => {
    release(undefined);
    return locking;
  };
}

async function countConnections({ applicationName }: Behind, condition = 'true'): Promise<number> {
  const { connections } = await superuser.row(
    z.object({ connections: z.int() }),
    `select count(*) as connections from pg_stat_activity
     where application_name = $1 and ${condition}`,
    [applicationName],
  );
  return connections;
}
