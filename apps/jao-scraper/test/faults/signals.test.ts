import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { expectExit } from './app-process.ts';
import type { Ended } from './app-process.ts';
import { killCount } from './kill-count.ts';
import { expectAccounted, expectStoredOnce, readHeldDays, readRuns } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import { expectSingleVersions, expectTruth, expectWholeDays } from './stored-series.ts';

const seed = chooseSeed(process.env);
const scenario = useScenario();

test(
  'SIGTERM at any time leaves whole days, holds none, and the next run does the rest',
  async () => {
    const random = createRandom(seed);
    const options = { dayCount: 16, seed, randomFaults: { rate: 0.2 } };
    await withCase(scenario, options, async (made) => {
      for (let time = 0; time < killCount.bySigterm; time++) {
        const afterMs = random() * 1_500;
        try {
          await stopAfter(made, afterMs);
        } catch (cause) {
          const what = cause instanceof Error ? cause.message : String(cause);
          throw new Error(`SLUICE_TEST_SEED=${seed}, ${afterMs} ms: ${what}`, { cause });
        }
      }
      made.simulator.configure({ randomFaults: { rate: 0 } });
      expectExit(await startBackfill(made).ended, exitCodes.done);
      await expectTruth(made.reader, made);
      await expectSingleVersions(made.owner, made);
      await expectStoredOnce(made.owner, made.days);
      await expectAccounted(made.owner, made.simulator);
    });
  },
  timeoutMs + killCount.bySigterm * 10_000,
);

test('SIGTERM ends a request that hangs', async () => {
  await withCase(scenario, { dayCount: 1 }, async (made) => {
    made.simulator.inject({ kind: 'hang' });
    const app = startBackfill(made);
    await untilRequested(made);
    app.kill('SIGTERM');
    expectStopped(await app.ended);
    await expectAccounted(made.owner, made.simulator);
  });
});

test('SIGTERM ends the wait for a database that is away', async () => {
  await withCase(scenario, { dayCount: 12 }, async (made) => {
    const url = made.database.url('worker');
    const proxy = await DatabaseProxy.start(url);
    const app = startBackfill(made, { env: { DATABASE_URL: proxy.urlOf(url) } });
    await app.untilStored(2);
    await proxy.stop();
    await app.until('it waits for the database', (log) =>
      log.some(({ msg }) => msg === 'waiting for the database'),
    );
    app.kill('SIGTERM');
    expectStopped(await app.ended);
    expectExit(await startBackfill(made).ended, exitCodes.done);
    await expectTruth(made.reader, made);
    await expectAccounted(made.owner, made.simulator);
  });
});

test('SIGTERM ends a process within its grace period, also where the database takes all and answers nothing', async () => {
  await withCase(scenario, { dayCount: 12 }, async (made) => {
    const url = made.database.url('worker');
    const proxy = await DatabaseProxy.start(url);
    try {
      const app = startBackfill(made, {
        env: { DATABASE_URL: proxy.urlOf(url), JAO_GRACE_PERIOD: '1s' },
      });
      await app.untilStored(2);
      proxy.decide = () => 'lose';
      app.kill('SIGTERM');
      const ended = await app.ended;
      expectExit(ended, exitCodes.terminated);
      expect(ended.stderr).toContain('grace period');
    } finally {
      await proxy.stop();
    }
    expectExit(await startBackfill(made).ended, exitCodes.done);
    await expectTruth(made.reader, made);
    await expectAccounted(made.owner, made.simulator);
  });
});

async function stopAfter(made: Case, afterMs: number): Promise<void> {
  const app = startBackfill(made);
  await Promise.race([delay(afterMs), app.ended]);
  app.kill('SIGTERM');
  const ended = await app.ended;
  await expectWholeDays(made.reader, made);
  expect(await readHeldDays(made.owner)).toEqual([]);
  if (ended.signal !== null) {
    // It came before the app had begun to listen for it, which is before it says anything.
    expect(ended.stderr).toBe('');
    return;
  }
  if (ended.exitCode !== exitCodes.done && ended.exitCode !== exitCodes.fellShort) {
    expectStopped(ended);
  }
  const runs = await readRuns(made.owner);
  expect(runs.map(({ outcome }) => outcome)).not.toContain('running');
}

function expectStopped(ended: Ended): void {
  expectExit(ended, exitCodes.terminated);
  expect(ended.stderr).not.toContain('grace period');
}

async function untilRequested({ simulator }: Case): Promise<void> {
  while (simulator.requests.length === 0) {
    await delay(5);
  }
}
