import { exitCodes } from '@sluice/schemas';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startApp, startNode } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import {
  createScenario,
  expectFinished,
  expectPlainError,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { readWarehouseState } from './warehouse-state.ts';

const holdScript = new URL('hold-warehouse.ts', import.meta.url).pathname;
const stream = { seed: 41, streamRows: 40_299 };
let scenario: Scenario;

beforeAll(async () => {
  scenario = await createScenario({
    'a.jsonl': { ...stream, rows: 2500 },
    'b.jsonl': { ...stream, rows: 2500, firstRow: 2000 },
    'c.jsonl': { ...stream, rows: 2500, firstRow: 4000 },
    'd.jsonl': { ...stream, rows: 2500, firstRow: 6000 },
  });
}, timeoutMs);

afterAll(async () => {
  await removeScenario(scenario);
});

describe('processes at once', () => {
  test.each([2, 4])(
    '%i of them, with files in common, do together what they do one after the other',
    async (count) => {
      const warehouse = await newWarehousePath(scenario);
      const running = Array.from({ length: count }, (_value, index) => {
        const inputs = [0, 1].map((step) => scenario.inputs[(index + step) % 4] ?? '');
        return { inputs, app: start(inputs, warehouse, '120s') };
      });
      for (const { app } of running) {
        expect(await app.ended).toMatchObject({ exitCode: 0, signal: null });
      }
      const { state, runs } = await readWarehouseState(warehouse);
      expect(runs.map(({ outcome }) => outcome)).toEqual(running.map(() => 'succeeded'));

      const inOrder = runs.map(({ processId }) => running.find(({ app }) => app.pid === processId));
      const reference = join(dirname(warehouse), 'reference', 'warehouse.db');
      await mkdir(dirname(reference));
      for (const process of inOrder) {
        await ingestHere(reference, process?.inputs ?? [], undefined);
      }
      expect(state).toEqual((await readWarehouseState(reference)).state);
    },
    timeoutMs,
  );

  test(
    'the one that waits too long exits 4, names the holder, and has changed nothing',
    async () => {
      const warehouse = await newWarehousePath(scenario);
      const holder = await hold(warehouse, 'write');
      const { exitCode, stderr } = await start(scenario.inputs, warehouse, '50ms').ended;
      expect(exitCode).toBe(exitCodes.unavailable);
      expect(stderr).toContain(`held by process ${holder.pid} (`);
      expectPlainError({ stderr });
      holder.endInput();
      expect(await holder.ended).toMatchObject({ exitCode: 0 });

      const { exitCode: afterwards } = await ingestHere(warehouse, scenario.inputs, undefined);
      await expectFinished(scenario, warehouse, afterwards);
    },
    timeoutMs,
  );

  test.each(['read', 'write'] as const)(
    'the one that finds the warehouse open to %s waits, and goes on when it is let go',
    async (access) => {
      const warehouse = await newWarehousePath(scenario);
      await ingestHere(warehouse, scenario.inputs.slice(0, 1), undefined);
      const holder = await hold(warehouse, access);
      const waiting = start(scenario.inputs, warehouse, '120s');
      await waiting.until(({ stderr }) => stderr.includes('is held by'));
      holder.endInput();
      const { exitCode, stderr } = await waiting.ended;
      expect(stderr).toContain(`is held by process ${holder.pid} (`);
      await expectFinished(scenario, warehouse, exitCode);
    },
    timeoutMs,
  );

  test(
    'the one that waits goes on when the holder is killed',
    async () => {
      const warehouse = await newWarehousePath(scenario);
      const holder = await hold(warehouse, 'write');
      const waiting = start(scenario.inputs, warehouse, '120s');
      await waiting.until(({ stderr }) => stderr.includes('is held by'));
      holder.kill('SIGKILL');
      await expectFinished(scenario, warehouse, (await waiting.ended).exitCode);
    },
    timeoutMs,
  );
});

function start(inputs: readonly string[], warehouse: string, lockTimeout: string): AppProcess {
  return startApp(ingestArgs({ ...scenario, inputs }, warehouse, ['--lock-timeout', lockTimeout]), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
  });
}

async function hold(warehouse: string, access: 'read' | 'write'): Promise<AppProcess> {
  const holder = startNode([holdScript, warehouse, access], { cwd: scenario.folder });
  await holder.until(({ stdout }) => stdout.includes('held'));
  return holder;
}
