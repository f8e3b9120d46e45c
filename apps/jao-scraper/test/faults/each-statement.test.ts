import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';

import { expectExit } from './app-process.ts';
import { killCount, wantsFigures } from './kill-count.ts';
import { expectAccounted, expectStoredOnce } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import { expectSingleVersions, expectTruth, expectWholeDays } from './stored-series.ts';

const days = { from: '2026-06-10', dayCount: 2 } as const;
/** One day after the other, so that each statement has its place. */
const args = ['--concurrency', '1'];
const seed = chooseSeed(process.env);
const scenario = useScenario();

test(
  'a backfill killed before or after any statement that it sends is ended by the next',
  async () => {
    const statements = await countStatements();
    const random = createRandom(seed);
    const places = spread(statements, killCount.atStatements, random);
    for (const { at, moment } of places) {
      try {
        await withCase(scenario, days, (made) => killAt(made, at, moment));
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${moment} statement ${at} of ${statements}: ${what}`, { cause });
      }
    }
    if (wantsFigures) {
      process.stdout.write(`kills at ${places.length} places of ${statements} statements\n`);
    }
  },
  timeoutMs + killCount.atStatements * 10_000,
);

async function countStatements(): Promise<number> {
  let count = 0;
  await withCase(scenario, days, async (made) => {
    await throughProxy(made, async (proxy, through) => {
      proxy.decide = () => {
        count += 1;
        return 'pass';
      };
      expectExit(await startBackfill(through, { args }).ended, exitCodes.done);
    });
  });
  expect(count).toBeGreaterThan(50);
  return count;
}

/** Of each statement before and after, or of so many evenly spread ones. */
function spread(statements: number, kills: number, random: () => number) {
  const places = Math.min(kills, statements * 2);
  return Array.from({ length: places }, (_, index) => {
    const place = Math.floor(((index + random()) * statements * 2) / places);
    return {
      at: Math.floor(place / 2) + 1,
      moment: place % 2 === 0 ? ('before' as const) : ('after' as const),
    };
  });
}

async function killAt(made: Case, at: number, moment: 'before' | 'after'): Promise<void> {
  await throughProxy(made, async (proxy, through) => {
    let count = 0;
    proxy.decide = () => {
      count += 1;
      if (count !== at) {
        return 'pass';
      }
      if (moment === 'after') {
        return 'cut_after';
      }
      app.kill('SIGKILL');
      return 'cut_before';
    };
    proxy.onDone = () => {
      app.kill('SIGKILL');
    };
    const app = startBackfill(through, { args });
    await app.ended;
  });
  await expectWholeDays(made.reader, made);
  expectExit(await startBackfill(made, { args }).ended, exitCodes.done);
  await expectTruth(made.reader, made);
  await expectSingleVersions(made.owner, made);
  await expectStoredOnce(made.owner, made.days);
  await expectAccounted(made.owner, made.simulator);
}

async function throughProxy(
  made: Case,
  work: (proxy: DatabaseProxy, through: Case) => Promise<void>,
): Promise<void> {
  const url = made.database.url('worker');
  const proxy = await DatabaseProxy.start(url);
  try {
    await work(proxy, { ...made, env: { ...made.env, DATABASE_URL: proxy.urlOf(url) } });
  } finally {
    await proxy.stop();
  }
}
