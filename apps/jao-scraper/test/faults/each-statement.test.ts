import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { expect, test } from 'vitest';

import type { AppProcess } from './app-process.ts';
import { expectExit } from './app-process.ts';
import { countStatements, killAtStatement, spreadKills } from './kill-at-statement.ts';
import type { PlaceToKill } from './kill-at-statement.ts';
import { killCount, wantsFigures } from './kill-count.ts';
import { expectAccounted, expectStoredOnce } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import { expectSingleVersions, expectTruth, expectWholeDays } from './stored-series.ts';

const days = { from: '2026-06-10', dayCount: 2 } as const;
const seed = chooseSeed(process.env);
const scenario = useScenario();

/** One day after the other, so that each statement has its place. */
const start = (made: Case): AppProcess => startBackfill(made, { args: ['--concurrency', '1'] });

test(
  'a backfill killed before or after any statement that it sends is ended by the next',
  async () => {
    let statements = 0;
    await withCase(scenario, days, async (made) => {
      statements = await countStatements(made, start, (ended) => {
        expectExit(ended, exitCodes.done);
      });
    });
    expect(statements).toBeGreaterThan(50);
    const places = spreadKills(statements, killCount.atStatements, createRandom(seed));
    for (const place of places) {
      try {
        await withCase(scenario, days, (made) => killAndGoOn(made, place));
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        const where = `${place.moment} statement ${place.at} of ${statements}`;
        throw new Error(`${where}: ${what}`, { cause });
      }
    }
    if (wantsFigures) {
      process.stdout.write(`kills at ${places.length} places of ${statements} statements\n`);
    }
  },
  timeoutMs + killCount.atStatements * 10_000,
);

async function killAndGoOn(made: Case, place: PlaceToKill): Promise<void> {
  await killAtStatement(made, start, place);
  await expectWholeDays(made.reader, made);
  expectExit(await start(made).ended, exitCodes.done);
  await expectTruth(made.reader, made);
  await expectSingleVersions(made.owner, made);
  await expectStoredOnce(made.owner, made.days);
  await expectAccounted(made.owner, made.simulator);
}
