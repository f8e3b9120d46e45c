import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { Ended } from './app-process.ts';
import type { FaultPlan } from './fault-plan.ts';
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

const stream = { seed: 31, streamRows: 40_299 };
/** Opening, the schema's check, and the first statements of the run's beginning. */
const callsOfRecovery = 11;
const moments = ['before', 'during', 'after'] as const;
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 3000, badLines: { not_json: 0.01 } },
    'second.jsonl': { ...stream, rows: 3000, firstRow: 2000, conflicts: 0.02 },
  });
});

afterAll(async () => {
  await removeScenario(scenario);
});

test(
  'processes killed one after the other while they recover lose nothing',
  async () => {
    const warehouse = await newWarehousePath(scenario);
    const killed: number[] = [];
    const run = async (plan: FaultPlan | 'watch'): Promise<Ended> => {
      const app = startApp(ingestArgs(scenario, warehouse), {
        cwd: scenario.folder,
        codeCache: scenario.codeCache,
        faults: plan,
      });
      killed.push(app.pid);
      return app.ended;
    };
    const { calls } = await run('watch');
    const secondCommit = calls.findLastIndex(({ name }) => name === 'commit') + 1;
    await rm(warehouse);
    await rm(`${warehouse}.status.json`);

    // The log holds the first file whole, and the second one all but the end of its transaction.
    await run({ at: secondCommit, moment: 'during', microseconds: 100 });
    const filesDone = await expectSound(scenario, warehouse);
    for (let at = 1; at <= callsOfRecovery; at++) {
      const moment = moments[at % moments.length] ?? 'before';
      const { signal } = await run({ at, moment, microseconds: at * 100 });
      expect(signal).toBe('SIGKILL');
      expect(await expectSound(scenario, warehouse)).toBeGreaterThanOrEqual(filesDone);
    }
    const { exitCode } = await run('watch');
    await expectFinished(scenario, warehouse, exitCode);
    await expectAbandoned(warehouse, scenario, killed.slice(1));
  },
  timeoutMs,
);
