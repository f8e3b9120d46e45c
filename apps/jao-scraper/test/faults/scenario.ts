import { addDays, businessDayBounds, daysBetween, findDataset } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator, SimulatorOptions } from '@sluice/jao-simulator';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';

import { migrate } from '../../src/database/open-database.ts';
import { killAll, startApp } from './app-process.ts';
import type { AppProcess } from './app-process.ts';

/** Dozens of processes, one after the other, on a machine that is busy with other tests. */
export const timeoutMs = 300_000;

/** Long past, so that whatever is stored of a day is final. */
export const simulatedNowMs = Date.parse('2026-06-30T12:00:00Z');

/** Kept from one run of the tests to the next. */
const codeCache = new URL('../../test-output/code-cache', import.meta.url).pathname;

/** What the tests of a file have in common. */
export interface Scenario {
  readonly folder: string;
  readonly codeCache: string;
}

/** A simulator and an empty database of its own, with the days that are to be collected. */
export interface Case {
  readonly scenario: Scenario;
  readonly simulator: JaoSimulator;
  readonly database: TestDatabase;
  /** To look at the database, and to change what no worker may. */
  readonly owner: PostgresDatabase;
  /** As those see it that the data is for. */
  readonly reader: PostgresDatabase;
  readonly contract: DatasetContract;
  readonly from: BusinessDay;
  readonly to: BusinessDay;
  readonly days: readonly BusinessDay[];
  readonly env: Readonly<Record<string, string>>;
}

/** Which days a case is about. */
export interface CaseOptions extends SimulatorOptions {
  /** @default 'core/maxNetPos': a fifth of the cells of core/maxExchanges */
  readonly dataset?: string;
  /** Ascending from this one, so many. The keys of core/maxExchanges change on 2026-06-11. */
  readonly from?: BusinessDay;
  readonly dayCount: number;
}

/**
 * Gives what the tests of a file have in common: made before the first of them and removed after the
 * last, with whatever still runs.
 */
export function useScenario(): Scenario {
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  });
  afterAll(async () => {
    await killAll();
    if (folder !== undefined) {
      await rm(folder, { recursive: true });
    }
  });
  return {
    codeCache,
    get folder() {
      if (folder === undefined) {
        throw new RangeError('the folder of a scenario is there when its tests run');
      }
      return folder;
    },
  };
}

/** Runs `work` on a new case, and removes it. */
export async function withCase(
  scenario: Scenario,
  options: CaseOptions,
  work: (made: Case) => Promise<void>,
): Promise<void> {
  const database = await createTestDatabase(inject('server'));
  const simulator = await startJaoSimulator({ nowMs: simulatedNowMs, ...options });
  const owner = await openAs(database, 'owner');
  const reader = await openAs(database, 'reader');
  try {
    await migrate({ signal: new AbortController().signal }, owner);
    await work({
      scenario,
      simulator,
      database,
      owner,
      reader,
      ...daysOf(options),
      env: environmentOf(scenario, simulator, database.url('worker')),
    });
  } finally {
    await killAll();
    await Promise.all([owner.close(), reader.close(), simulator.close()]);
  }
}

/** The days of a case. */
export function daysOf({
  dataset = 'core/maxNetPos',
  from = '2026-05-28',
  dayCount,
}: CaseOptions): Pick<Case, 'contract' | 'from' | 'to' | 'days'> {
  const contract = findDataset(dataset);
  if (contract === undefined) {
    throw new RangeError(`${dataset}: not in the catalogue`);
  }
  const to = addDays(from, dayCount - 1);
  return { contract, from, to, days: [...daysBetween(from, to)] };
}

/** What every process of a case is given. */
export function environmentOf(
  { folder }: Scenario,
  simulator: JaoSimulator,
  databaseUrl: string,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    // Nothing is to be made there: a test with a database of its own says where.
    SLUICE_HOME: join(folder, 'no-home'),
    JAO_BASE_URL: simulator.url,
    JAO_REQUESTS_PER_MINUTE: '0',
    JAO_LISTEN: '127.0.0.1:0',
  };
}

/** Starts a backfill of all days of a case. */
export function startBackfill(
  made: Pick<Case, 'scenario' | 'env' | 'contract' | 'from' | 'to'>,
  {
    args = [],
    env = {},
  }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): AppProcess {
  return startCommand(
    made,
    [
      ...['backfill', '--dataset', made.contract.name, '--from', made.from, '--to', made.to],
      ...['--format', 'json', ...args],
    ],
    env,
  );
}

/** Starts any command on a case. */
export function startCommand(
  { scenario, env }: Pick<Case, 'scenario' | 'env'>,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): AppProcess {
  return startApp(args, {
    cwd: scenario.folder,
    env: { ...env, ...more },
    codeCache: scenario.codeCache,
  });
}

/** From the first day's beginning to the last one's end. */
export function periodOf({ contract, from, to }: Pick<Case, 'contract' | 'from' | 'to'>): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  return {
    fromMs: businessDayBounds(contract, from).startMs,
    toMs: businessDayBounds(contract, to).endMs,
  };
}
