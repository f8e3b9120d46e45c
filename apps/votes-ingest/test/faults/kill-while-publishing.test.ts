import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { Ended, StartOptions } from './app-process.ts';
import type { FaultPlan } from './fault-plan.ts';
import { killCount } from './kill-count.ts';
import {
  createScenario,
  expectFinished,
  forEachOf,
  ingestArgs,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { readWarehouseState } from './warehouse-state.ts';

const stream = { seed: 83, streamRows: 40_299 };
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 1000 },
    'second.jsonl': { ...stream, rows: 1000, firstRow: 900 },
  });
}, timeoutMs);

afterAll(async () => {
  await removeScenario(scenario);
});

test(
  'a process killed while it publishes leaves the old copy or the new one, and the next replaces it',
  async () => {
    const { calls } = await publishTwice('watch', async () => Promise.resolve());
    const firstOfPublishing = calls.findIndex(({ name }) => name === 'mkdir a file') + 1;
    expect(firstOfPublishing).toBeGreaterThan(1);
    const plans: FaultPlan[] = calls.slice(firstOfPublishing - 1).flatMap((_call, index) =>
      (['before', 'during'] as const).map((moment) => ({
        at: firstOfPublishing + index,
        moment,
        microseconds: 300,
      })),
    );
    const step = Math.max(1, plans.length / Math.ceil(killCount.atCalls / 4));
    const chosen = plans.filter((_plan, index) => Math.floor(index % step) === 0);
    await forEachOf(
      chosen,
      3,
      async (plan) => {
        await publishTwice(plan, async (copy, ended) => {
          expect(ended.signal).toBe('SIGKILL');
          const { state } = await readWarehouseState(copy);
          expect(scenario.statesAfter.slice(1)).toContainEqual(state);
        });
      },
      ({ moment, at }) => `${moment} call ${at}, ${String(calls[at - 1]?.name)}`,
    );
  },
  timeoutMs,
);

/** Publishes one file, then both with a fault, then both; `look` sees the copy behind the fault. */
async function publishTwice(
  faults: NonNullable<StartOptions['faults']>,
  look: (copy: string, ended: Ended) => Promise<void>,
): Promise<Ended> {
  const warehouse = await newWarehousePath(scenario);
  const folder = `${dirname(warehouse)}-published`;
  const copy = join(folder, basename(warehouse));
  const publish = async (inputs: readonly string[], plan?: StartOptions['faults']) =>
    startApp(ingestArgs({ ...scenario, inputs }, warehouse, ['--publish', folder]), {
      cwd: scenario.folder,
      codeCache: scenario.codeCache,
      ...(plan === undefined ? {} : { faults: plan }),
    }).ended;
  await publish(scenario.inputs.slice(0, 1));
  const ended = await publish(scenario.inputs, faults);
  await look(copy, ended);
  const { exitCode } = await publish(scenario.inputs);
  await expectFinished(scenario, warehouse, exitCode);
  expect((await readWarehouseState(copy)).state).toEqual(scenario.statesAfter.at(-1));
  expect(await readdir(folder)).toEqual(await readdir(dirname(warehouse)));
  await rm(folder, { recursive: true });
  await rm(dirname(warehouse), { recursive: true });
  return ended;
}
