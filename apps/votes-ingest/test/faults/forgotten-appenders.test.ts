import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import {
  createScenario,
  expectFinished,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';

const stream = { seed: 3, streamRows: 40_299 };
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'known.jsonl': { ...stream, rows: 1000, badLines: { not_json: 0.1 } },
    'next.jsonl': { ...stream, rows: 1000, firstRow: 500, badLines: { not_json: 0.1 } },
  });
});

afterAll(async () => {
  await removeScenario(scenario);
});

test('a known file on standard input leaks no record into the next file', async () => {
  const warehouse = await newWarehousePath(scenario);
  const [known = '', next = ''] = scenario.inputs;
  await ingestHere(warehouse, [known], undefined);
  const { exitCode, stderr } = await startApp(
    ingestArgs({ ...scenario, inputs: ['-', next] }, warehouse),
    {
      cwd: scenario.folder,
      faults: 'watch',
      nodeFlags: ['--expose-gc'],
      input: await readFile(known),
    },
  ).ended;
  expect(stderr).not.toContain('do not add up');
  await expectFinished(scenario, warehouse, exitCode);
});
