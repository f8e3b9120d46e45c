import { z } from 'zod';

import type { Sizes } from './bench-case.ts';
import { UsageError } from './errors.ts';

/** How the results are printed. */
export const formats = ['table', 'json'] as const;

/** What the command line asks for. */
export interface BenchOptions {
  readonly sizes: Sizes;
  readonly pairs: number;
  /** The cases to run, by their ids; all where it is absent. */
  readonly only: readonly string[] | undefined;
  readonly keeps: boolean;
  readonly format: (typeof formats)[number];
}

/** Of a file of about 475 MB. */
const defaultRows = 5e6;
const defaultLargeRows = 10e6;
/** A tenth of the rows overlaps, and there has to be one. */
const leastRows = 10;
const maxRows = 1e9;
const maxPairs = 1000;

const countUnits: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

const rowCount = z.string().transform((text, context) => {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,9})?)([kMG]?)$/.exec(text) ?? [];
  const count = Number(digits) * (countUnits[unit] ?? Number.NaN);
  if (Number.isSafeInteger(count) && count >= leastRows && count <= maxRows) return count;
  context.addIssue(`expected a count from 10 to 1G, such as 200k or 5M, received '${text}'`);
  return z.NEVER;
});

const pairCount = z.string().transform((text, context) => {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= maxPairs) return count;
  context.addIssue(`expected an integer from 1 to ${maxPairs}, received '${text}'`);
  return z.NEVER;
});

/**
 * Reads the flags as they were written.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseBenchOptions(flags: unknown, caseIds: readonly string[]): BenchOptions {
  const result = createFlagsSchema(caseIds).safeParse(flags);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${flagOf(String(path[0]))}: ${message}`,
    );
    throw new UsageError(problems.join('\n'));
  }
  const { rows, smallRows, pairs, only, keep, format } = result.data;
  const largeRows = rows ?? defaultLargeRows;
  return {
    sizes: {
      rows: rows ?? defaultRows,
      largeRows,
      smallRows: smallRows ?? Math.max(1, Math.round(largeRows / 10)),
    },
    pairs,
    only,
    keeps: keep,
    format,
  };
}

function createFlagsSchema(caseIds: readonly string[]) {
  const ids = z.string().transform((text, context) => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.filter((name) => !caseIds.includes(name));
    if (unknown.length === 0) return names;
    context.addIssue(`there is no case '${unknown.join("', '")}'; there are ${caseIds.join(', ')}`);
    return z.NEVER;
  });
  return z.strictObject({
    rows: rowCount.optional(),
    smallRows: rowCount.optional(),
    pairs: pairCount.prefault('3'),
    only: ids.optional(),
    keep: z.boolean().default(false),
    format: z.enum(formats).default('table'),
  });
}

function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
