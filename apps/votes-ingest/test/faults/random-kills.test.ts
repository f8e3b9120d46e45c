import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { AppProcess, Call } from './app-process.ts';
import { killCount } from './kill-count.ts';
import {
  createScenario,
  expectAbandoned,
  expectFinished,
  expectSound,
  ingestArgs,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';

const stream = { seed: 23, streamRows: 60_000, duplicates: 0.01, conflicts: 0.01 };
const badLines = { not_json: 0.002, missing_field: 0.002 };
const seed = chooseSeed(process.env);
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 12_000, badLines },
    'shuffled.jsonl': { ...stream, rows: 12_000, firstRow: 11_000, order: 'random' },
    'third.xml': { ...stream, rows: 8000, firstRow: 23_000, format: 'xml' },
  });
}, 60_000);

afterAll(async () => {
  await removeScenario(scenario);
});

test(
  'processes killed at random lose nothing and double nothing',
  async () => {
    const spanMs = await measureRun();
    const figures = { seed, spanMs: Math.round(spanMs), kills: 0, inTransaction: 0, rounds: 0 };
    try {
      await killAtRandom(spanMs, figures);
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`after ${JSON.stringify(figures)}: ${what}`, { cause });
    }
    if (process.env['SLUICE_TEST_KILLS'] !== undefined) {
      process.stdout.write(`random kills: ${JSON.stringify(figures)}\n`);
    }
  },
  timeoutMs + killCount.atRandom * 2_000,
);

/** Begins new warehouses, and ends each, until so many processes have been killed. */
async function killAtRandom(
  spanMs: number,
  figures: { kills: number; inTransaction: number; rounds: number },
): Promise<void> {
  const random = createRandom(seed);
  while (figures.kills < killCount.atRandom) {
    const warehouse = await newWarehousePath(scenario);
    const killed: number[] = [];
    let isFinished = false;
    while (!isFinished) {
      const app = await startWatched(warehouse);
      if (figures.kills < killCount.atRandom) {
        await Promise.race([delay(random() * spanMs), app.ended]);
        app.kill('SIGKILL');
      }
      const { signal, exitCode, calls } = await app.ended;
      isFinished = signal === null;
      if (isFinished) {
        await expectFinished(scenario, warehouse, exitCode);
      } else {
        figures.kills += 1;
        figures.inTransaction += isInTransaction(calls) ? 1 : 0;
        killed.push(app.pid);
        await expectSound(scenario, warehouse);
      }
    }
    await expectAbandoned(warehouse, scenario, killed);
    await rm(dirname(warehouse), { recursive: true });
    figures.rounds += 1;
  }
}

/** How long a run takes from its first call to its end. */
async function measureRun(): Promise<number> {
  const warehouse = await newWarehousePath(scenario);
  const app = await startWatched(warehouse);
  const startMs = performance.now();
  const { exitCode } = await app.ended;
  const spanMs = performance.now() - startMs;
  await expectFinished(scenario, warehouse, exitCode);
  return spanMs;
}

/** Starts the ingest, and waits until it turns to the warehouse. */
async function startWatched(warehouse: string): Promise<AppProcess> {
  const app = startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    faults: 'watch',
  });
  await app.until(({ calls }) => calls.length > 0);
  return app;
}

function isInTransaction(calls: readonly Call[]): boolean {
  const begin = calls.findLastIndex(({ name }) => name === 'begin transaction');
  const end = calls.findLastIndex(
    ({ name, hasEnded }) => (name === 'commit' || name === 'rollback') && hasEnded,
  );
  return begin > end;
}
