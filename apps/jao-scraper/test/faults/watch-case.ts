import { addDays, lastPublishedDay } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';

import { startApp } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import { withCase } from './scenario.ts';
import type { Case, Scenario } from './scenario.ts';

const preload = new URL('due-now-preload.ts', import.meta.url).pathname;
const minuteMs = 60_000;
/** What a watcher follows, besides the days around now. */
const dayCount = 31;

/** A case in the present: its newest day is due since a moment ago, or soon, and not out yet. */
export interface WatchCase extends Case {
  readonly newest: BusinessDay;
  readonly dueTime: string;
}

/** Runs `work` on a new case in the present; its days are those of the month that ends with `newest`. */
export async function withWatchCase(
  scenario: Scenario,
  work: (made: WatchCase) => Promise<void>,
  { dueInMs = -minuteMs }: { readonly dueInMs?: number } = {},
): Promise<void> {
  const nowMs = Date.now();
  const dueTime = localTime(nowMs + dueInMs);
  await withCase(
    scenario,
    { dayCount, from: '2026-01-01', nowMs, jitterMinutes: 0 },
    async (made) => {
      made.simulator.clock.set(Date.now());
      made.simulator.clock.run();
      const { contract } = made;
      const publication = { ...contract.publication, dueLocalTime: dueTime };
      const newest = lastPublishedDay({ ...contract, publication }, nowMs + dueInMs);
      const from = addDays(newest, 1 - dayCount);
      const days = Array.from({ length: dayCount }, (_, index) => addDays(from, index));
      // Whether the real due time has passed or not: what comes after `newest` is not out either.
      for (const ahead of [0, 1, 2]) {
        made.simulator.postpone(contract.name, addDays(newest, ahead), null);
      }
      await work({ ...made, from, to: newest, days, newest, dueTime });
    },
  );
}

/** Starts a watcher that asks every second around the due time. */
export function startWatch(
  { scenario, env, contract, dueTime }: WatchCase,
  args: readonly string[] = [],
): AppProcess {
  return startApp(['watch', '--dataset', contract.name, '--poll-every', '1s', ...args], {
    cwd: scenario.folder,
    env: { ...env, SLUICE_TEST_DUE_TIME: dueTime },
    codeCache: scenario.codeCache,
    preload,
  });
}

function localTime(ms: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Amsterdam',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}
