import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Side } from '../bench-case.ts';
import { requireSuccess } from '../checks.ts';
import type { Limit } from '../limit.ts';
import { parseOutput } from '../parse-output.ts';
import { scriptUrl } from '../script-url.ts';
import type { DayQueryName } from './day-queries.ts';
import type { JaoCase } from './jao-case.ts';
import type { VersionStore } from './version-store.ts';
import { versionsPerCell } from './version-store.ts';

/** What a query may take, in seconds. */
const maxSeconds = 0.02;
/** Days that are read, spread over the history: a query each. */
const queriedDays = 200;

const timesSchema = z.object({
  medianMs: z.number(),
  maxMs: z.number(),
  rows: z.int().min(1),
  sha256: z.string(),
});

const atMost = (value: number): Limit => ({ kind: 'seconds-at-most', value });
const timesAtMost = (value: number): Limit => ({ kind: 'ratio-at-most', value });

/** What it costs to read all keys of a business day. */
export const readCases: readonly JaoCase[] = [
  compareQueries('latest-day', 'bare', 'latest-by-business-day', [atMost(maxSeconds)]),
  compareQueries('latest-range', 'bare', 'latest-by-delivery-start', [atMost(maxSeconds)]),
  compareQueries('as-of-day', 'latest-by-business-day', 'as-of-by-business-day', [timesAtMost(3)]),
  compareQueries('as-of-range', 'latest-by-delivery-start', 'as-of-by-delivery-start', [
    timesAtMost(3),
  ]),
  compareSizes('latest-growth', 'latest-by-business-day'),
  compareSizes('as-of-growth', 'as-of-by-business-day'),
];

function compareQueries(
  id: string,
  a: DayQueryName,
  b: DayQueryName,
  limits: readonly Limit[],
): JaoCase {
  return {
    id,
    limits,
    setUp: async (context) => {
      const store = await context.versionStore(versionsPerCell);
      return { a: querySide(store, a), b: querySide(store, b) };
    },
  };
}

function compareSizes(id: string, query: DayQueryName): JaoCase {
  return {
    id,
    limits: [],
    setUp: async (context) => ({
      a: querySide(await context.versionStore(1), query),
      b: querySide(await context.versionStore(versionsPerCell), query),
    }),
  };
}

/** Many days, one query each, as a reader; it counts what the query in the middle took. */
function querySide(store: VersionStore, query: DayQueryName): Side {
  const versions = (store.versions / 1e6).toFixed(1);
  const label = `${query}, ${versions} M versions`;
  const days = spread(store.days, queriedDays);
  return {
    label,
    work: { rows: undefined, bytes: undefined },
    args: [fileURLToPath(scriptUrl('jao/measure-queries')), store.url, query, days.join(',')],
    prepare: () => Promise.resolve(),
    check: (run) => {
      requireSuccess(label, run);
      const { rows, sha256 } = parseOutput(timesSchema, run.stdout, label);
      return Promise.resolve({ rows, sha256 });
    },
    readSeconds: (run) => parseOutput(timesSchema, run.stdout, label).medianMs / 1000,
  };
}

/** Evenly taken from all, in an order in which no two that follow each other are neighbours. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  const taken = Math.min(count, items.length);
  const step = items.length / taken;
  const evenly = Array.from({ length: taken }, (_, index) => items[Math.floor(index * step)]);
  const stride = Math.ceil(Math.sqrt(taken));
  return Array.from({ length: stride }, (_, first) =>
    evenly.filter((__, index) => index % stride === first),
  )
    .flat()
    .filter((item) => item !== undefined);
}
