import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import {
  createScenario,
  expectFinished,
  expectPlainError,
  expectSound,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { readWarehouseState } from './warehouse-state.ts';

const stream = { seed: 71, streamRows: 40_299 };
const signals = { SIGTERM: exitCodes.terminated, SIGINT: exitCodes.interrupted } as const;
const signalsOfEach = 3;
const seed = chooseSeed(process.env);
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 10_000 },
    'second.jsonl': { ...stream, rows: 10_000, firstRow: 9000, order: 'random', conflicts: 0.02 },
    'third.jsonl': { ...stream, rows: 10_000, firstRow: 19_000 },
  });
}, timeoutMs);

afterAll(async () => {
  await removeScenario(scenario);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s at any time leaves whole files, on record, and the rest to the next run',
  async (signal) => {
    const random = createRandom(seed);
    const spanMs = await measureRun();
    for (let time = 0; time < signalsOfEach; time++) {
      const afterMs = random() * spanMs;
      try {
        await stopAfter(signal, afterMs);
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`SLUICE_TEST_SEED=${seed}, ${afterMs} ms: ${what}`, { cause });
      }
    }
  },
  timeoutMs,
);

test(
  'a signal that comes twice at once, from a terminal and through a launcher, is one',
  async () => {
    const warehouse = await newWarehousePath(scenario);
    const app = start(warehouse);
    await app.until(({ calls }) => calls.some(({ name }) => name === 'append to votes'));
    app.kill('SIGINT');
    app.kill('SIGTERM');
    const { exitCode, stderr } = await app.ended;
    expect([exitCodes.interrupted, exitCodes.terminated]).toContain(exitCode);
    expectPlainError({ stderr });
    const { runs } = await readWarehouseState(warehouse);
    expect(runs).toMatchObject([{ outcome: 'failed' }]);
  },
  timeoutMs,
);

async function stopAfter(signal: keyof typeof signals, afterMs: number): Promise<void> {
  const warehouse = await newWarehousePath(scenario);
  const app = start(warehouse);
  await app.until(({ calls }) => calls.length > 0);
  await Promise.race([delay(afterMs), app.ended]);
  app.kill(signal);
  const ended = await app.ended;
  expectPlainError(ended);
  const filesDone = await expectSound(scenario, warehouse);
  const { runs } = await readWarehouseState(warehouse);
  if (ended.signal === null && ended.exitCode !== exitCodes.done) {
    expect(ended.exitCode).toBe(signals[signal]);
    const isWhole = filesDone === scenario.inputs.length;
    for (const { outcome, error } of runs) {
      expect(outcome).toBe(isWhole ? 'succeeded' : 'failed');
      expect(error).toBe(
        isWhole
          ? null
          : `stopped by a signal after ${filesDone} of ${scenario.inputs.length} files`,
      );
    }
  } else {
    // It came when all was done, and the process about to end by itself.
    expect(filesDone).toBe(scenario.inputs.length);
  }
  const { exitCode } = await ingestHere(warehouse, scenario.inputs, undefined);
  await expectFinished(scenario, warehouse, exitCode);
  await rm(dirname(warehouse), { recursive: true });
}

function start(warehouse: string): AppProcess {
  return startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    faults: 'watch',
  });
}

/** How long a run takes from its first call to its end. */
async function measureRun(): Promise<number> {
  const warehouse = await newWarehousePath(scenario);
  const app = start(warehouse);
  await app.until(({ calls }) => calls.length > 0);
  const startMs = performance.now();
  const { exitCode } = await app.ended;
  const spanMs = performance.now() - startMs;
  await expectFinished(scenario, warehouse, exitCode);
  return spanMs;
}
