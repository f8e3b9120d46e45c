import { z } from 'zod';

import { UsageError } from './errors.ts';

/** How the results are printed. */
export const formats = ['table', 'json'] as const;

/** What the command line asks for. */
export interface BenchOptions<Sizes> {
  readonly sizes: Sizes;
  readonly pairs: number;
  /** The cases to run, by their ids; all where it is absent. */
  readonly only: readonly string[] | undefined;
  readonly keeps: boolean;
  readonly format: (typeof formats)[number];
}

const maxPairs = 1000;
const countUnits: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** A count such as `200k` or `5M`. */
export function countSchema({
  least,
  most,
}: {
  readonly least: number;
  readonly most: number;
}): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,9})?)([kMG]?)$/.exec(text) ?? [];
    const count = Number(digits) * (countUnits[unit] ?? Number.NaN);
    if (Number.isSafeInteger(count) && count >= least && count <= most) return count;
    const range = `${formatShort(least)} to ${formatShort(most)}`;
    context.addIssue(`expected a count from ${range}, such as 200k or 5M, received '${text}'`);
    return z.NEVER;
  });
}

/** An integer that is written out. */
export function integerSchema({ most }: { readonly most: number }): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= 1 && count <= most) return count;
    context.addIssue(`expected an integer from 1 to ${most}, received '${text}'`);
    return z.NEVER;
  });
}

/** The flags that every benchmark takes. */
export function commonFlags(caseIds: readonly string[]) {
  const ids = z.string().transform((text, context) => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.filter((name) => !caseIds.includes(name));
    if (unknown.length === 0) return names;
    context.addIssue(`there is no case '${unknown.join("', '")}'; there are ${caseIds.join(', ')}`);
    return z.NEVER;
  });
  return {
    pairs: integerSchema({ most: maxPairs }).prefault('3'),
    only: ids.optional(),
    keep: z.boolean().default(false),
    format: z.enum(formats).default('table'),
  };
}

/**
 * Reads the flags as they were written.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseFlags<Flags>(schema: z.ZodType<Flags>, flags: unknown): Flags {
  const result = schema.safeParse(flags);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${flagOf(String(path[0]))}: ${message}`,
  );
  throw new UsageError(problems.join('\n'));
}

function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function formatShort(count: number): string {
  const [unit, factor] = Object.entries(countUnits).findLast(([, size]) => count >= size) ?? [
    '',
    1,
  ];
  return `${count / factor}${unit}`;
}
