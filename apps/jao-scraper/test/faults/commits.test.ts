import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';

import { expectExit } from './app-process.ts';
import { expectAccounted, expectStoredOnce, readRuns } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import { expectSingleVersions, expectTruth } from './stored-series.ts';

const seed = chooseSeed(process.env);
const scenario = useScenario();

test.each(['cut_before', 'cut_after', 'either'] as const)(
  'where connections break at a COMMIT in five (%s), nothing is lost and nothing doubled',
  async (fate) => {
    const random = createRandom(seed);
    await withCase(scenario, { dayCount: 8, randomFaults: { rate: 0.1 } }, async (made) => {
      const url = made.database.url('worker');
      const proxy = await DatabaseProxy.start(url);
      let cuts = 0;
      proxy.decide = (piece) => {
        if (!piece.includes('commit') || random() >= 0.2) {
          return 'pass';
        }
        cuts += 1;
        return fate === 'either' ? (random() < 0.5 ? 'cut_before' : 'cut_after') : fate;
      };
      try {
        const env = { DATABASE_URL: proxy.urlOf(url) };
        expectExit(await startBackfill(made, { env }).ended, exitCodes.done);
      } finally {
        await proxy.stop();
      }
      expect(cuts).toBeGreaterThan(3);
      await expectTruth(made.reader, made);
      await expectSingleVersions(made.owner, made);
      await expectStoredOnce(made.owner, made.days);
      await expectAccounted(made.owner, made.simulator);
      expect(await readRuns(made.owner)).toMatchObject([{ outcome: 'succeeded' }]);
    });
  },
  timeoutMs,
);
