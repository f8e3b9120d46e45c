import { exitCodes } from '@sluice/schemas';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusFilePath } from '@sluice/warehouse';

import { verifyCommand } from '../../src/verify/verify-command.ts';
import { checkpointAndReport } from '../../src/warehouse/status.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine, voteLines } from '../loaded-warehouse.ts';
import { oddCheck, oddLine, oddSettings, oddSuite } from '../quarantine/odd-votes.ts';
import { killAll, startApp } from './app-process.ts';
import type { Ended, StartOptions } from './app-process.ts';
import type { FaultPlan } from './fault-plan.ts';
import { killCount } from './kill-count.ts';
import { forEachOf, timeoutMs } from './scenario.ts';
import { readWarehouseState } from './warehouse-state.ts';
import type { WarehouseState } from './warehouse-state.ts';

const fileName = 'a.jsonl';
const lines = [...voteLines(1, 3), oddLine(4), 'bad', oddLine(5), 'bad', ...voteLines(6, 9)];
/** Of the lines that broke the contract, what a new one would read. */
const mended = { 5: voteLine(20), 7: voteLine(2, 9) };

/** Commands that take what is open, so that they may be done again. */
const commands = {
  discard: ['quarantine', 'discard', '--all', '--check', oddCheck, '--reason', 'a test'],
  release: ['quarantine', 'release', '--all', '--check', oddCheck],
  replay: ['quarantine', 'replay'],
  'second reading': ['ingest', fileName],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Name = keyof typeof commands;

let folder: string;
/** Where the file is ingested, with two records that a check holds back. */
let ingested: LoadedWarehouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  ingested = await newCase('second reading');
  await ingested.ingest([join(ingested.folder, fileName)], 'last', oddSuite('quarantine'));
  await ingested.use('write', async (warehouse) => {
    for (const [line, text] of Object.entries(mended)) {
      await warehouse.run(`update ops.quarantine set raw = '${text}' where line = ${line}`);
    }
    await checkpointAndReport(warehouse, new Date());
  });
});

afterAll(async () => {
  await killAll();
  await rm(folder, { recursive: true });
});

test.each(Object.keys(commands) as Name[])(
  'a process killed at any call of a %s leaves all of it or nothing, and its repetition ends it',
  async (name) => {
    const watched = await newCase(name);
    const before = await lookAt(watched);
    const { calls, exitCode } = await run(name, watched, 'watch');
    // What a check holds back makes an ingest fall short.
    const firstExitCode = name === 'second reading' ? exitCodes.fellShort : exitCodes.done;
    expect(exitCode).toBe(firstExitCode);
    const after = await lookAt(watched);
    expect(after).not.toEqual(before);

    const killAndRepeat = async (plan: FaultPlan): Promise<void> => {
      const killed = await newCase(name);
      expect((await run(name, killed, plan)).signal).toBe('SIGKILL');
      const left = await lookAt(killed);
      expect([before, after]).toContainEqual(left);
      const isDone = left.rows === after.rows && left.entries.join() === after.entries.join();
      const again = await run(name, killed);
      expect(again.exitCode, again.stderr).toBe(isDone ? exitCodes.done : firstExitCode);
      expect(await lookAt(killed)).toEqual(after);
      await expectVerified(killed);
      await rm(killed.folder, { recursive: true });
    };
    await forEachOf(choosePlans(calls.length), 3, killAndRepeat, ({ moment, at }) => {
      return `${moment} call ${at}, ${String(calls[at - 1]?.name)}`;
    });
  },
  timeoutMs,
);

/** A folder of its own with the file, the settings, and the warehouse that the command begins with. */
async function newCase(name: Name): Promise<LoadedWarehouse> {
  const made = new LoadedWarehouse(await mkdtemp(join(folder, 'case-')));
  await made.write(fileName, lines);
  const settings = JSON.stringify({ checks: oddSettings('quarantine') });
  await writeFile(join(made.folder, 'votes-ingest.config.json'), settings);
  if (name !== 'second reading') {
    await copyFile(ingested.path, made.path);
    await copyFile(statusFilePath(ingested.path), statusFilePath(made.path));
  }
  return made;
}

async function run(
  name: Name,
  { folder: cwd }: LoadedWarehouse,
  faults?: StartOptions['faults'],
): Promise<Ended> {
  const codeCache = join(folder, 'code-cache');
  const options = faults === undefined ? { cwd, codeCache } : { cwd, codeCache, faults };
  const app = startApp([...commands[name], '--warehouse', 'warehouse.db'], options);
  app.endInput();
  return app.ended;
}

interface Look extends WarehouseState {
  /** All entries of quarantine, with their states. */
  readonly entries: readonly string[];
}

async function lookAt(loaded: LoadedWarehouse): Promise<Look> {
  const { state } = await readWarehouseState(loaded.path);
  const entries =
    state.files.length === 0
      ? []
      : await loaded.rows(
          `select concat_ws(' ', line, state, reason, check_id, decision_reason) as entry
             from ops.quarantine order by id`,
        );
  return { ...state, entries: entries.map(({ entry }) => String(entry)) };
}

async function expectVerified(loaded: LoadedWarehouse): Promise<void> {
  const context = fakeContext(loaded.path);
  const verified = await verifyCommand(context, { format: 'table' });
  expect(verified, context.printed()).toBe(exitCodes.done);
}

/** Some kills, spread evenly over all calls and the three moments of each. */
function choosePlans(calls: number): FaultPlan[] {
  const moments = ['before', 'during', 'after'] as const;
  const all = Array.from({ length: calls * 3 }, (_, index) => ({
    at: Math.floor(index / 3) + 1,
    moment: moments[index % 3] ?? 'before',
    microseconds: (index * 137) % 1500,
  }));
  const step = Math.max(1, all.length / Math.ceil(killCount.atCalls / 4));
  return all.filter((_plan, index) => Math.floor(index % step) === 0);
}
