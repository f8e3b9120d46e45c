import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { expectExit } from './app-process.ts';
import { killCount, wantsFigures } from './kill-count.ts';
import { expectAccounted, expectStoredOnce, readRuns } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import {
  expectSingleVersions,
  expectTruth,
  expectWholeDays,
  watchWholeDays,
} from './stored-series.ts';

const dayCount = wantsFigures ? 30 : 16;
const faultRate = 0.2;
/** How long a process works at most. */
const longestMs = 1_200;
/** The part of them that is killed while it starts. */
const earlyShare = 0.15;
const seed = chooseSeed(process.env);
const scenario = useScenario();

test(
  'backfills killed at random lose nothing, double nothing, and leave no request unaccounted for',
  async () => {
    const figures = { seed, kills: 0, rounds: 0, requests: 0, faults: 0, abandoned: 0, looks: 0 };
    try {
      const random = createRandom(seed);
      while (figures.kills < killCount.atRandom) {
        await killInRound(random, figures);
        figures.rounds += 1;
      }
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`after ${JSON.stringify(figures)}: ${what}`, { cause });
    }
    if (wantsFigures) {
      process.stdout.write(`random kills: ${JSON.stringify(figures)}\n`);
    }
  },
  timeoutMs + killCount.atRandom * 10_000,
);

interface Figures {
  kills: number;
  requests: number;
  faults: number;
  abandoned: number;
  looks: number;
}

/** Backfills an empty database, killed again and again until all days are there; then once in peace. */
async function killInRound(random: () => number, figures: Figures): Promise<void> {
  const options = {
    dataset: 'core/maxExchanges',
    dayCount,
    seed: Math.floor(random() * 1e9),
    randomFaults: { rate: faultRate },
  };
  await withCase(scenario, options, async (made) => {
    const killed = new Set<number>();
    const reader = watchWholeDays(made.reader, made);
    while (figures.kills < killCount.atRandom && (await killOne(made, random, killed))) {
      figures.kills += 1;
    }
    made.simulator.configure({ randomFaults: { rate: 0 } });
    const ended = await startBackfill(made).ended;
    figures.looks += await reader.stop();
    expectExit(ended, exitCodes.done);
    await expectWhole(made);
    await expectAbandoned(made, killed, figures);
    figures.requests += made.simulator.requests.length;
    figures.faults += made.simulator.requests.filter(({ fault }) => fault !== undefined).length;
  });
}

/** Starts a backfill, and kills it some time after it has begun; gives whether that came in time. */
async function killOne(made: Case, random: () => number, killed: Set<number>): Promise<boolean> {
  const app = startBackfill(made);
  if (random() >= earlyShare) {
    await Promise.race([untilBegun(made, app.pid), app.ended]);
  }
  await Promise.race([delay(random() * longestMs), app.ended]);
  app.kill('SIGKILL');
  const { signal } = await app.ended;
  if (signal === null) {
    return false;
  }
  killed.add(app.pid);
  await expectWholeDays(made.reader, made);
  return true;
}

/** Waits until the run of a process is on record. */
async function untilBegun({ owner }: Case, processId: number): Promise<void> {
  for (;;) {
    const runs = await readRuns(owner);
    if (runs.some((run) => run.processId === processId)) {
      return;
    }
    await delay(5);
  }
}

async function expectWhole(made: Case): Promise<void> {
  await expectTruth(made.reader, made);
  await expectSingleVersions(made.owner, made);
  await expectStoredOnce(made.owner, made.days);
  await expectAccounted(made.owner, made.simulator);
}

/** A run that was killed is on record as that, unless its end was on record before. */
async function expectAbandoned(
  made: Case,
  killed: ReadonlySet<number>,
  figures: Figures,
): Promise<void> {
  for (const { processId, outcome } of await readRuns(made.owner)) {
    expect(
      killed.has(processId) ? ['abandoned', 'succeeded', 'failed'] : ['succeeded', 'failed'],
    ).toContain(outcome);
    figures.abandoned += outcome === 'abandoned' ? 1 : 0;
  }
}
