import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { FaultPlan } from './fault-plan.ts';
import { killCount } from './kill-count.ts';
import {
  createScenario,
  expectAbandoned,
  expectFinished,
  expectSound,
  forEachOf,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';

const stream = { seed: 11, streamRows: 40_299 };
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario(
    {
      'clean.jsonl': { ...stream, rows: 3000 },
      'overlapping.jsonl': {
        ...stream,
        ...{ rows: 2000, firstRow: 2500, duplicates: 0.02, conflicts: 0.03, unknownFields: 0.01 },
        badLines: { not_json: 0.01, out_of_range: 0.01 },
      },
      'bad.jsonl': { ...stream, rows: 1000, firstRow: 6000, badLines: { wrong_type: 0.3 } },
    },
    { gate: '10%' },
  );
});

afterAll(async () => {
  await removeScenario(scenario);
});

test(
  'a process killed at any of its calls leaves whole files only, and the next one ends the work',
  async () => {
    const callNames = await watchOneRun();
    const plans = choosePlans(callNames);
    const nameOf = ({ moment, at }: FaultPlan) =>
      `${moment} call ${at}, ${String(callNames[at - 1])}`;
    await forEachOf(plans, 3, killAndGoOn, nameOf);
  },
  timeoutMs,
);

async function killAndGoOn(plan: FaultPlan): Promise<void> {
  const warehouse = await newWarehousePath(scenario);
  const dead = startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    faults: plan,
  });
  const { signal } = await dead.ended;
  expect(signal).toBe('SIGKILL');
  await expectSound(scenario, warehouse);
  const { exitCode } = await ingestHere(warehouse, scenario.inputs, scenario.gate);
  await expectFinished(scenario, warehouse, exitCode);
  await expectAbandoned(warehouse, scenario, [dead.pid]);
  await rm(dirname(warehouse), { recursive: true });
}

/** Runs to the end, and gives the names of all calls; another run makes the same ones. */
async function watchOneRun(): Promise<string[]> {
  const warehouse = await newWarehousePath(scenario);
  const watched = startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    faults: 'watch',
  });
  const { exitCode, calls } = await watched.ended;
  await expectFinished(scenario, warehouse, exitCode);
  const names = calls.map(({ name }) => name);
  for (const name of ['commit', 'rollback', 'checkpoint', 'rename a file', 'close the database']) {
    expect(names).toContain(name);
  }
  return names;
}

/** As many kills as were asked for, spread evenly over all calls and the three moments of each. */
function choosePlans(callNames: readonly string[]): FaultPlan[] {
  const moments = ['before', 'during', 'after'] as const;
  const all = callNames.flatMap((_name, index) =>
    moments.map((moment) => ({ at: index + 1, moment, microseconds: (index * 137) % 1500 })),
  );
  const step = Math.max(1, all.length / killCount.atCalls);
  return all.filter((_plan, index) => Math.floor(index % step) === 0);
}
