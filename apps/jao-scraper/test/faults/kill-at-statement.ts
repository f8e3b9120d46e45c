import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';

import type { AppProcess } from './app-process.ts';
import type { Case } from './scenario.ts';

/** A statement that a process sends, and whether it is killed before it is done or after. */
export interface PlaceToKill {
  /** From 1. */
  readonly at: number;
  readonly moment: 'before' | 'after';
}

/** Of each statement before and after, or of so many evenly spread ones. */
export function spreadKills(
  statements: number,
  kills: number,
  random: () => number,
): readonly PlaceToKill[] {
  const places = Math.min(kills, statements * 2);
  return Array.from({ length: places }, (_, index) => {
    const place = Math.floor(((index + random()) * statements * 2) / places);
    return {
      at: Math.floor(place / 2) + 1,
      moment: place % 2 === 0 ? ('before' as const) : ('after' as const),
    };
  });
}

/** Runs a process to its end, and counts what it sends to Postgres. */
export async function countStatements(
  made: Case,
  start: (through: Case) => AppProcess,
  check: (ended: Awaited<AppProcess['ended']>) => void,
): Promise<number> {
  let count = 0;
  await throughProxy(made, async (proxy, through) => {
    proxy.decide = () => {
      count += 1;
      return 'pass';
    };
    check(await start(through).ended);
  });
  return count;
}

/** Kills a process at one of its statements. */
export async function killAtStatement(
  made: Case,
  start: (through: Case) => AppProcess,
  { at, moment }: PlaceToKill,
): Promise<void> {
  await throughProxy(made, async (proxy, through) => {
    let count = 0;
    proxy.decide = () => {
      count += 1;
      if (count !== at) {
        return 'pass';
      }
      if (moment === 'after') {
        return 'cut_after';
      }
      app.kill('SIGKILL');
      return 'cut_before';
    };
    proxy.onDone = () => {
      app.kill('SIGKILL');
    };
    const app = start(through);
    await app.ended;
  });
}

async function throughProxy(
  made: Case,
  work: (proxy: DatabaseProxy, through: Case) => Promise<void>,
): Promise<void> {
  const url = made.database.url('worker');
  const proxy = await DatabaseProxy.start(url);
  try {
    await work(proxy, { ...made, env: { ...made.env, DATABASE_URL: proxy.urlOf(url) } });
  } finally {
    await proxy.stop();
  }
}
