import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Side } from '../bench-case.ts';
import { requireEqual, requireSuccess } from '../checks.ts';
import type { Limit } from '../limit.ts';
import { parseOutput } from '../parse-output.ts';
import { scriptUrl } from '../script-url.ts';
import type { CoverageQueryName } from './coverage-queries.ts';
import type { CoverageStore } from './coverage-store.ts';
import type { JaoCase } from './jao-case.ts';

const timesSchema = z.object({
  medianMs: z.number(),
  counts: z.object({ present: z.unknown(), missing: z.unknown() }),
});

const atMostSeconds = (value: number): Limit => ({ kind: 'seconds-at-most', value });

/** What it costs to tell the state of each cell of a year, of a day, and to count all of it anew. */
export const coverageCases: readonly JaoCase[] = [
  compare('coverage', 'look-up-year', 'coverage-year', { limit: atMostSeconds(3), repeats: 1 }),
  compare('coverage-day', 'look-up-day', 'coverage-day', {
    limit: atMostSeconds(0.2),
    repeats: 20,
  }),
  compare('coverage-rebuild', 'look-up-year', 'rebuild', { limit: atMostSeconds(15), repeats: 1 }),
];

function compare(
  id: string,
  a: CoverageQueryName,
  b: CoverageQueryName,
  { limit, repeats }: { readonly limit: Limit; readonly repeats: number },
): JaoCase {
  return {
    id,
    limits: [limit],
    setUp: async (context) => {
      const store = await context.coverageStore();
      return { a: querySide(store, a, repeats), b: querySide(store, b, repeats) };
    },
  };
}

function querySide(store: CoverageStore, query: CoverageQueryName, repeats: number): Side {
  const label = `${query}, ${(store.cells / 1e6).toFixed(1)} M cells`;
  return {
    label,
    work: { rows: undefined, bytes: undefined },
    args: [fileURLToPath(scriptUrl('jao/measure-coverage')), store.url, query, String(repeats)],
    prepare: () => Promise.resolve(),
    check: (run) => {
      requireSuccess(label, run);
      const { counts } = parseOutput(timesSchema, run.stdout, label);
      if (query !== 'rebuild') {
        return Promise.resolve(counts);
      }
      // It says nothing of the other side's counts, but that what is kept is what there is.
      requireEqual(`${label}: changed days`, counts.missing, 0);
      return Promise.resolve(undefined);
    },
    readSeconds: (run) => parseOutput(timesSchema, run.stdout, label).medianMs / 1000,
  };
}
