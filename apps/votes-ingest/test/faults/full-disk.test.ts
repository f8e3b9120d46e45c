import { exitCodes } from '@sluice/schemas';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import type { Ended } from './app-process.ts';
import {
  createScenario,
  expectFinished,
  expectPlainError,
  expectSound,
  forEachOf,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';

const stream = { seed: 53, streamRows: 40_299 };
let scenario: Scenario;
/** What a warehouse with all files takes. */
let finishedKib: number;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 3000, badLines: { not_json: 0.01 } },
    'second.jsonl': { ...stream, rows: 3000, firstRow: 2000, conflicts: 0.02 },
  });
  const warehouse = await newWarehousePath(scenario);
  await ingestHere(warehouse, scenario.inputs, undefined);
  finishedKib = Math.ceil((await stat(warehouse)).size / 1024);
}, timeoutMs);

afterAll(async () => {
  await removeScenario(scenario);
});

describe('with no room left, whole files are kept, and a run with room does the rest', () => {
  // In the middle of DuckDB's three headers, just behind them, and at shares of what is needed.
  test.each(['4 KiB', '12 KiB', '5 %', '50 %'])(
    'where no file may be larger than %s',
    async (size) => limitFiles(kibOf(size)),
    timeoutMs,
  );

  test.each(['8 KiB', '16 KiB', '7 %', '60 %'])(
    'on a disk of %s',
    async (size) => {
      await (canMount() ? fillDisk(kibOf(size)) : limitFiles(kibOf(size)));
    },
    timeoutMs,
  );

  test(
    'where any single call finds none',
    async () => {
      const warehouse = await newWarehousePath(scenario);
      const { calls } = await startWatched(warehouse, 'watch');
      const writing = /^(?:connect|append to votes|checkpoint|(?:write|sync|rename) a file.*)$/;
      const numbers = calls.flatMap(({ name }, index) => (writing.test(name) ? [index + 1] : []));
      expect(numbers.length).toBeGreaterThan(8);
      await forEachOf(
        numbers,
        3,
        async (at) => failCall(at),
        (at) => `call ${at}, ${String(calls[at - 1]?.name)}`,
      );
    },
    timeoutMs,
  );
});

/** `8 KiB`, or `7 %` of what the finished warehouse takes. */
function kibOf(size: string): number {
  const number = Number.parseInt(size, 10);
  return size.endsWith('%') ? Math.ceil((finishedKib * number) / 100) : number;
}

/** The shell's limit on the size of each file: a write beyond fails with EFBIG. */
async function limitFiles(kib: number): Promise<void> {
  const warehouse = await newWarehousePath(scenario);
  const blocksPerKib = 2;
  const ended = await startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    shell: `trap '' XFSZ; ulimit -f ${kib * blocksPerKib}; exec "$@"`,
  }).ended;
  await expectFull(ended, warehouse);
  const { exitCode } = await ingestHere(warehouse, scenario.inputs, undefined);
  await expectFinished(scenario, warehouse, exitCode);
  await rm(dirname(warehouse), { recursive: true });
}

/**
 * A small file system of its own, in a name space of its own, which goes with its last process. What
 * the full one and then the roomy one hold is copied out.
 */
async function fillDisk(kib: number): Promise<void> {
  const folder = await mkdtemp(join(scenario.folder, 'disk-'));
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const { stderr } = await startApp(ingestArgs(scenario, join(disk, 'warehouse.db')), {
    cwd: folder,
    codeCache: scenario.codeCache,
    shell: `exec unshare -rm sh -euc '
      mount -t tmpfs -o size=${kib}k tmpfs disk
      "$@" > stdout 2> stderr || echo $? > full-exit-code
      cp -a disk full
      mount -o remount,size=256m disk
      "$@" > stdout 2>&1
      cp -a disk roomy
      ' sh "$@"`,
  }).ended;
  expect(stderr).toBe('');
  const exitCode = Number(await readFile(join(folder, 'full-exit-code'), 'utf8'));
  const full = { exitCode, stderr: await readFile(join(folder, 'stderr'), 'utf8') };
  await expectFull(full, join(folder, 'full', 'warehouse.db'));
  await expectFinished(scenario, join(folder, 'roomy', 'warehouse.db'), exitCodes.done);
  await rm(folder, { recursive: true });
}

/** A call that is not made, and fails as on a full disk: the tests above can not aim so well. */
async function failCall(at: number): Promise<void> {
  const warehouse = await newWarehousePath(scenario);
  const ended = await startWatched(warehouse, { at, moment: 'instead' });
  await expectFull(ended, warehouse);
  const { exitCode } = await ingestHere(warehouse, scenario.inputs, undefined);
  await expectFinished(scenario, warehouse, exitCode);
  await rm(dirname(warehouse), { recursive: true });
}

async function startWatched(
  warehouse: string,
  faults: Parameters<typeof startApp>[1]['faults'],
): Promise<Ended> {
  return startApp(ingestArgs(scenario, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    ...(faults === undefined ? {} : { faults }),
  }).ended;
}

/** One line says so; the exit code tells whether anything was kept; nothing is there in part. */
async function expectFull(
  { exitCode, stderr }: Pick<Ended, 'exitCode' | 'stderr'>,
  warehouse: string,
): Promise<void> {
  expectPlainError({ stderr });
  const lines = stderr.split('\n').filter((line) => /No space left|File too large/.test(line));
  expect(lines).toEqual([expect.stringMatching(/^votes-ingest: /)]);
  const filesDone = await expectSound(scenario, warehouse);
  expect(exitCode).toBe(filesDone === 0 ? exitCodes.failed : exitCodes.fellShort);
}

/** Whether this user may mount a file system in a name space of its own. */
function canMount(): boolean {
  const { status } = spawnSync('unshare', [
    '-rm',
    'mount',
    '-t',
    'tmpfs',
    'tmpfs',
    scenario.folder,
  ]);
  return status === 0;
}
