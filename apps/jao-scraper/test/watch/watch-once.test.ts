import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { lastPublishedDay } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { watchCommand } from '../../src/watch/watch-command.ts';
import type { WatchCommandOptions } from '../../src/watch/watch-command.ts';
import { readLog } from '../faults/app-process.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const contract = contractOf('core/maxNetPos');
// A watcher goes by the clock of the database; a day back is due in any case.
const newest = lastPublishedDay(contract, Date.now() - 24 * 3_600_000);

let database: TestDatabase;
let owner: PostgresDatabase;
let simulator: JaoSimulator;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
  simulator = await startJaoSimulator({ nowMs: Date.now(), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
});

function createContext(): FakeContext {
  const databaseUrl = database.url('worker');
  return fakeContext({
    flags: { databaseUrl, baseUrl: simulator.url, requestsPerMinute: '0' },
  });
}

async function watchOnce(
  options: Partial<WatchCommandOptions> = {},
  context: FakeContext = createContext(),
) {
  const exitCode = await watchCommand(context, {
    once: true,
    dataset: [contract.name],
    ...options,
  });
  return { exitCode, said: context.said(), log: readLog(context.said()) };
}

/** Holds the newest day for an hour, as a backfill on another machine that does not go on. */
async function hold(): Promise<void> {
  const runId = randomUUID();
  await owner.run(
    `insert into ops.run (run_id, app, command, app_version, contract_version, host, process_id, process_mark)
     values ($1, 'jao-scraper', 'backfill', '1', '1', 'elsewhere', 4242, 'x')`,
    [runId],
  );
  await owner.run(
    `insert into ops.claim (dataset, business_day, token, run_id, claimed_until)
     values ($1, $2, 1, $3, clock_timestamp() + interval '1 hour')`,
    [contract.name, newest, runId],
  );
}

async function isNewestStored(): Promise<boolean> {
  const { days } = await owner.row(
    z.object({ days: z.int() }),
    'select count(*) as days from jao.day where business_day = $1',
    [newest],
  );
  return days === 1;
}

test('does what is due though another watcher, dead or not, has the lease', async () => {
  await owner.run(
    `insert into ops.lease (name, token, holder, run_id, leased_until, acquired_at, renewed_at)
     values ($1, 1, 'elsewhere 4242', $2, now() + interval '1 hour', now(), now())`,
    [`watch ${contract.name}`, randomUUID()],
  );
  const { exitCode, said } = await watchOnce();
  expect(exitCode, said).toBe(exitCodes.done);
  expect(await isNewestStored()).toBe(true);
});

test('waits for the days that a dead process holds, says so, and does them', async () => {
  await hold();
  const context = createContext();
  const ending = watchOnce({}, context);
  await expect.poll(() => context.said(), { timeout: 60_000 }).toContain('waiting for days');
  await owner.run(
    'update ops.claim set claimed_until = clock_timestamp() where business_day = $1',
    [newest],
  );
  const { exitCode, said, log } = await ending;
  expect(exitCode, said).toBe(exitCodes.done);
  expect(await isNewestStored()).toBe(true);
  const waiting = log.find(({ msg }) => msg.startsWith('waiting for days'));
  expect(waiting).toMatchObject({
    held: expect.stringMatching(
      `^${contract.name} ${newest}, held by backfill, process 4242 on elsewhere until 20.*Z`,
    ) as unknown,
    waitSeconds: 65,
  });
});

test('ends with 3 where days are held for longer, names them and their holder, and does the others', async () => {
  await hold();
  const { exitCode, said, log } = await watchOnce({ heldWaitMs: 1 });
  expect(exitCode).toBe(exitCodes.fellShort);
  expect(await isNewestStored()).toBe(false);
  expect(said).toMatch(
    `due, and not asked for here: ${contract.name} ${newest}, held by backfill, process 4242 on elsewhere until`,
  );
  expect(said).not.toContain('due, and not collected');
  expect(log.findLast(({ msg }) => msg === 'nothing more to do now')).toMatchObject({
    failed: 0,
    claims: [],
  });
  const { error } = await owner.row(
    z.object({ error: z.string() }),
    `select error from ops.run where command = 'watch'`,
  );
  expect(error).toContain('held by backfill, process 4242 on elsewhere');
});
