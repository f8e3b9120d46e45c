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
  // Whoever stores a day tells of it, and no day here is too old for that.
  await made.owner.run('update ops.outbox_switch set is_on = true');
  await made.owner.run(`update jao.dataset set grace = '1000 years'`);
  await killAtStatement(made, start, place);
  await expectWholeDays(made.reader, made);
  await expectTold(made);
  expectExit(await start(made).ended, exitCodes.done);
  await expectTruth(made.reader, made);
  await expectSingleVersions(made.owner, made);
  await expectStoredOnce(made.owner, made.days);
  await expectAccounted(made.owner, made.simulator);
  await expectTold(made);
}

/** Each day that is finished has its event, one, and no other day has any. */
async function expectTold({ owner }: Case): Promise<void> {
  const finished = await owner.query(
    `select 'day_complete' as type, business_day from jao.dataset_day where finished order by business_day`,
  );
  const told = await owner.query(
    `select type, business_day from ops.outbox where type <> 'new_keys' order by business_day`,
  );
  expect(told).toEqual(finished);
}
