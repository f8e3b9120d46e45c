import type { ExitCode } from '@sluice/schemas';
import { readStatusFile, statusFilePath } from '@sluice/warehouse';
import { expectedTotals, generateVotes } from '@sluice/votes-generator';
import type { VotesOptions } from '@sluice/votes-generator';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';

import { parseQuarantineGate } from '../../src/ingest/quarantine-gate.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { killAll } from './app-process.ts';
import type { Ended } from './app-process.ts';
import { emptyState, readWarehouseState } from './warehouse-state.ts';
import type { WarehouseState } from './warehouse-state.ts';

/** Dozens of processes, one after the other, on a machine that is busy with other tests. */
export const timeoutMs = 300_000;

/** An ingest of some files, and what it must come to. */
export interface Scenario {
  readonly folder: string;
  /** Absolute paths of the files, in the order in which they are ingested. */
  readonly inputs: readonly string[];
  readonly gate: string | undefined;
  /** What `ingest` exits with when nothing goes wrong, and when it does it all again. */
  readonly exitCode: ExitCode;
  /** What a warehouse holds after none of the files, after the first, … and after all of them. */
  readonly statesAfter: readonly WarehouseState[];
  readonly codeCache: string;
}

/**
 * Writes the files, and ingests them one by one without any fault: that is the truth which all else
 * is compared with. The first file, which is the only one that meets nothing, must come to what the
 * generator says of it.
 */
export async function createScenario(
  files: Readonly<Record<string, VotesOptions>>,
  { gate }: { readonly gate?: string } = {},
): Promise<Scenario> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  const inputs: string[] = [];
  for (const [name, options] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, [...generateVotes(options)]);
    inputs.push(path);
  }
  const statesAfter: WarehouseState[] = [emptyState];
  const warehouse = join(folder, 'reference', 'warehouse.db');
  await mkdir(dirname(warehouse));
  const [first] = Object.values(files);
  for (const input of inputs) {
    const { report } = await ingestHere(warehouse, [input], gate);
    if (statesAfter.length === 1 && first !== undefined) {
      const { read, accepted, duplicate, conflicting, quarantined } = expectedTotals(first);
      expect(report.totals).toMatchObject({ read, accepted, duplicate, conflicting, quarantined });
    }
    statesAfter.push((await readWarehouseState(warehouse)).state);
  }
  const { exitCode } = await ingestHere(warehouse, inputs, gate);
  expect((await readWarehouseState(warehouse)).state).toEqual(statesAfter.at(-1));
  await rm(dirname(warehouse), { recursive: true });
  const codeCache = join(folder, 'code-cache');
  return { folder, inputs, gate, exitCode, statesAfter, codeCache };
}

/** Removes all that was written for a scenario, and whatever still runs for it. */
export async function removeScenario({ folder }: Scenario): Promise<void> {
  await killAll();
  await rm(folder, { recursive: true });
}

/** Where a new warehouse may be made, in a folder that has nothing else in it. */
export async function newWarehousePath({ folder }: Scenario): Promise<string> {
  return join(await mkdtemp(join(folder, 'case-')), 'warehouse.db');
}

/** The command line that ingests a scenario's files. */
export function ingestArgs(
  { inputs, gate }: Scenario,
  warehouse: string,
  extra: readonly string[] = [],
): string[] {
  return [
    ...['ingest', ...inputs, '--warehouse', warehouse],
    ...(gate === undefined ? [] : ['--max-quarantined', gate]),
    ...extra,
  ];
}

/** Ingests in this process, as the command does. */
export async function ingestHere(
  warehouse: string,
  inputs: readonly string[],
  gate: string | undefined,
): ReturnType<typeof ingest> {
  return ingest({
    inputs,
    warehouse: { path: warehouse, lockTimeoutMs: 30_000 },
    policy: 'last',
    gate: gate === undefined ? undefined : parseQuarantineGate(gate),
    signal: new AbortController().signal,
    now: () => new Date(),
  });
}

/**
 * What must be true of a warehouse whose writer has died, before anything is done about it: it
 * opens, it holds the first so many files whole and nothing of the others, and its sums are right.
 * Gives the number of those files.
 */
export async function expectSound(scenario: Scenario, warehouse: string): Promise<number> {
  const { state } = await readWarehouseState(warehouse);
  const filesDone = scenario.statesAfter.findIndex(
    ({ files }) => files.length === state.files.length,
  );
  expect(state).toEqual(scenario.statesAfter[filesDone]);
  await readStatusFile(warehouse);
  return filesDone;
}

/**
 * What must be true once the same command was repeated until it ended by itself: all of it is
 * there, once; no run is called running; the status file tells the same; nothing is left lying about.
 */
export async function expectFinished(
  scenario: Scenario,
  warehouse: string,
  exitCode: number | null,
): Promise<void> {
  expect(exitCode).toBe(scenario.exitCode);
  const { state, runs } = await readWarehouseState(warehouse);
  expect(state).toEqual(scenario.statesAfter.at(-1));
  const outcome = exitCode === 0 ? 'succeeded' : 'failed';
  expect(runs.at(-1)?.outcome).toBe(outcome);
  const status = await readStatusFile(warehouse);
  expect(status).toMatchObject({
    contents: { rows: state.rows, runs: runs.length, conflicts: state.conflicts.length },
    openQuarantine: { entries: state.openQuarantine.length },
    checks: [{ outcome: 'passed' }, { outcome: 'passed' }],
  });
  expect(status?.runs.map((run) => run.outcome)).toEqual(runs.map((run) => run.outcome).reverse());
  expect(runs.map((run) => run.outcome)).not.toContain('running');
  expect(await readdir(dirname(warehouse))).toEqual([
    basename(warehouse),
    basename(statusFilePath(warehouse)),
  ]);
}

/** What must be true of the ledger's entry of a process that was killed, once another has run. */
export async function expectAbandoned(
  warehouse: string,
  scenario: Scenario,
  killed: readonly number[],
): Promise<void> {
  const { runs } = await readWarehouseState(warehouse);
  const ended = scenario.exitCode === 0 ? 'succeeded' : 'failed';
  for (const { processId, outcome } of runs) {
    if (killed.includes(processId)) {
      expect([ended, 'abandoned']).toContain(outcome);
    }
  }
}

/** One line for what is expected to go wrong; never a stack, and no word of a defect of ours. */
export function expectPlainError({ stderr }: Pick<Ended, 'stderr'>): void {
  expect(stderr).not.toMatch(/^ {4}at |unexpected error|Unhandled|node:internal/m);
}

/** Does `work` for all items, so many at a time; tells of all that fail, by their names. */
export async function forEachOf<Item>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<void>,
  nameOf: (item: Item) => string,
): Promise<void> {
  const failures: Error[] = [];
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      try {
        await work(item);
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause);
        failures.push(new Error(`${nameOf(item)}: ${what}`, { cause }));
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (failures.length > 0) {
    const list = failures.map(({ message }) => message).join('\n');
    throw new AggregateError(failures, `${failures.length} of ${items.length} failed:\n${list}`);
  }
}
