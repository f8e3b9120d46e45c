import { exitCodes } from '@sluice/schemas';
import { startJaoSimulator } from '@sluice/jao-simulator';
import { openPostgres, withRetry } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectExit, killAll, wordsOf } from './app-process.ts';
import type { LogLine } from './app-process.ts';
import { expectAccounted, expectStoredOnce, readRuns } from './run-ledger.ts';
import {
  daysOf,
  environmentOf,
  simulatedNowMs,
  startBackfill,
  timeoutMs,
  useScenario,
  withCase,
} from './scenario.ts';
import type { Case } from './scenario.ts';
import { expectSingleVersions, expectTruth } from './stored-series.ts';

const dayCount = 9;
const scenario = useScenario();
let home: string;
let db: PostgresDatabase;

beforeAll(async () => {
  // Not the server of the other tests, whose writes reach no disk: one that a kill can not harm.
  home = join(scenario.folder, 'home');
  db = await openEmbedded();
}, timeoutMs);

afterAll(async () => {
  await db.close();
});

describe('a Postgres that goes away in mid-run and comes back', () => {
  test.each([
    ['killed, its own: the app starts it again', 'SIGKILL', false],
    ['stopped, its own: the app starts it again', 'SIGINT', false],
    ['killed, of a URL: the app waits for it', 'SIGKILL', true],
    ['stopped at once, of a URL: the app waits for it', 'SIGQUIT', true],
  ] as const)(
    '%s; nothing is lost and nothing doubled',
    async (_, signal, isByUrl) => {
      await withEmbedded(isByUrl, async (made) => {
        const app = startBackfill(made);
        for (const stored of [2, 5]) {
          await app.untilStored(stored);
          await endServer(signal);
          if (isByUrl) {
            await restart();
          }
        }
        expectExit(await app.ended, exitCodes.done);
        expectToldByTurns(app.log);
        await restart();
        await expectTruth(db, made);
        await expectSingleVersions(db, made);
        await expectStoredOnce(db, made.days);
        await expectAccounted(db, made.simulator);
        expect((await readRuns(db)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
      });
    },
    timeoutMs,
  );
});

describe('a database that is away for longer than --database-wait', () => {
  const args = ['--database-wait', '1s'];

  test('in mid-run ends it with 4 and one line; the next run does the rest', async () => {
    await withCase(scenario, { dayCount: 12 }, async (made) => {
      const url = made.database.url('worker');
      const proxy = await DatabaseProxy.start(url);
      const app = startBackfill(made, { args, env: { DATABASE_URL: proxy.urlOf(url) } });
      await app.untilStored(2);
      await proxy.stop();
      const ended = await app.ended;
      expectExit(ended, exitCodes.unavailable);
      expect(wordsOf(ended)).toEqual([
        expect.stringMatching(/^jao-scraper: .*ECONNREFUSED.*check that Postgres runs there/),
      ]);
      expect(ended.stdout).toBe('');
      expectExit(await startBackfill(made).ended, exitCodes.done);
      await expectTruth(made.reader, made);
      await expectStoredOnce(made.owner, made.days);
      await expectAccounted(made.owner, made.simulator);
    });
  });

  test('from the start on ends it with 4 and one line after the wait', async () => {
    await withCase(scenario, { dayCount: 1 }, async (made) => {
      const url = made.database.url('worker');
      const proxy = await DatabaseProxy.start(url);
      const env = { DATABASE_URL: proxy.urlOf(url) };
      await proxy.stop();
      const beganMs = performance.now();
      const ended = await startBackfill(made, { args, env }).ended;
      expectExit(ended, exitCodes.unavailable);
      expect(performance.now() - beganMs).toBeGreaterThan(1_000);
      expect(wordsOf(ended)).toEqual([
        expect.stringMatching(/^jao-scraper: waiting for the database: /),
        expect.stringMatching(/^jao-scraper: .*ECONNREFUSED.*check that Postgres runs there/),
      ]);
      expect(made.simulator.requests).toEqual([]);
    });
  });
});

/** That the database is away is told once, by whoever finds it so first, and that it is back as well. */
function expectToldByTurns(log: readonly LogLine[]): void {
  const told = log.flatMap(({ msg }) =>
    /^(?:waiting for the database|the database is back)$/.test(msg) ? [msg] : [],
  );
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(
    told.map((_, index) => (index % 2 === 0 ? 'waiting for the database' : 'the database is back')),
  );
  expect(told.at(-1)).toBe('the database is back');
}

async function openEmbedded(): Promise<PostgresDatabase> {
  return openPostgres({ home, role: 'owner', applicationName: 'sluice-test', poolSize: 1 });
}

/** Ends the server of these tests, and gives when it is gone. */
async function endServer(signal: NodeJS.Signals): Promise<void> {
  const processId = readServerProcessId();
  if (processId === undefined) {
    return;
  }
  process.kill(processId, signal);
  while (isRunning(processId)) {
    await delay(5);
  }
}

/** Of the server that runs, or was killed, in the home of these tests. */
function readServerProcessId(): number | undefined {
  const path = join(home, 'postgres', 'data', 'postmaster.pid');
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8'), 10) : undefined;
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

/** Asks, which starts a server that is gone. */
async function restart(): Promise<void> {
  await withRetry(() => db.query('select 1'), { retryForMs: 60_000, isRepeatable: true });
}

/** A case on the server of these tests, empty again. */
async function withEmbedded(
  isByUrl: boolean,
  work: (made: Omit<Case, 'owner' | 'reader' | 'database'>) => Promise<void>,
): Promise<void> {
  await restart();
  await db.run('drop schema if exists jao cascade');
  await db.run('drop schema if exists ops cascade');
  const simulator = await startJaoSimulator({
    nowMs: simulatedNowMs,
    randomFaults: { rate: 0.1 },
  });
  try {
    const env = environmentOf(scenario, simulator, db.url('owner'));
    await work({
      scenario,
      simulator,
      ...daysOf({ dayCount }),
      env: isByUrl ? env : { ...env, DATABASE_URL: '', SLUICE_HOME: home },
    });
  } finally {
    await killAll();
    await simulator.close();
  }
}
