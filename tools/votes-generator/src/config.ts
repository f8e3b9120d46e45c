import { quarantineReasons } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';
import { z } from 'zod';

import { compressions } from './compress-votes.ts';
import type { Compression } from './compress-votes.ts';
import { formats, orders, valueKinds } from './votes-options.ts';
import type { VotesOptions } from './votes-options.ts';

/** What the command line asks for. */
export interface GeneratorConfig {
  readonly votes: VotesOptions;
  /** A path, or `-` for the standard output. */
  readonly out: string;
  readonly compression: Compression | undefined;
  readonly memberBytes: number | undefined;
  readonly printsTotals: boolean;
}

/** A wrong command line: one line for each problem. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const countUnits = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
]);

const sizeUnits = new Map([
  ['', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

/** A plain share of bad lines has all kinds but this: each such line is a megabyte. */
const namedOnly: QuarantineReason = 'too_long';

const count = parsed('a count such as 40000, 40k or 5M', (text) => parseUnits(text, countUnits));
const size = parsed('a size such as 65536, 64KiB or 16MiB', (text) => parseUnits(text, sizeUnits));
const share = parsed('a share such as 1% or 0.01', parseShare);
const badShares = parsed(
  `a share such as 1%, or one of a kind such as not_json=0.1% (${quarantineReasons.join(', ')})`,
  parseBadShares,
);

const flagsSchema = z.strictObject({
  rows: count,
  seed: count,
  out: z.string(),
  firstRow: count.optional(),
  streamRows: count.optional(),
  firstId: count.optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  order: z.enum(orders).optional(),
  format: z.enum(formats).optional(),
  values: z.enum(valueKinds).optional(),
  duplicates: share.optional(),
  conflicts: share.optional(),
  bad: z.array(badShares).default([]),
  badAtEnd: z.boolean().optional(),
  unknownTypes: share.optional(),
  unknownFields: share.optional(),
  blankLines: share.optional(),
  crlf: z.boolean().optional(),
  bom: z.boolean().optional(),
  finalNewline: z.boolean().optional(),
  compress: z.enum(compressions).optional(),
  memberSize: size.optional(),
  totals: z.boolean().default(false),
});

/**
 * Reads the flags.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseConfig(flags: unknown): GeneratorConfig {
  const result = flagsSchema.safeParse(flags);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${flagOf(String(path[0]))}: ${message}`,
    );
    throw new UsageError(problems.join('\n'));
  }
  const { out, bad, bom, compress, memberSize, totals, ...votes } = result.data;
  if (memberSize !== undefined && compress === undefined) {
    throw new UsageError('--member-size: only together with --compress');
  }
  if (memberSize === 0) throw new UsageError('--member-size: must be 1 or more');
  return {
    votes: { ...votes, byteOrderMark: bom, badLines: addShares(bad) },
    out,
    compression: compress,
    memberBytes: memberSize,
    printsTotals: totals,
  };
}

function parsed<Value>(expected: string, parse: (text: string) => Value | undefined) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}, received '${text}'` });
    return z.NEVER;
  });
}

function parseUnits(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = units.get(unit);
  if (digits === undefined || factor === undefined) return undefined;
  const value = Number(digits) * factor;
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseShare(text: string): number | undefined {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = percent === '%' ? Number(digits) / 100 : Number(digits);
  return value <= 1 ? value : undefined;
}

type BadShares = Partial<Record<QuarantineReason, number>>;

function parseBadShares(text: string): BadShares | undefined {
  const [first = '', ...rest] = text.split('=');
  if (rest.length > 0) {
    const reason = quarantineReasons.find((other) => other === first);
    const value = parseShare(rest.join('='));
    return reason === undefined || value === undefined ? undefined : { [reason]: value };
  }
  const value = parseShare(first);
  if (value === undefined) return undefined;
  const reasons = quarantineReasons.filter((reason) => reason !== namedOnly);
  return Object.fromEntries(reasons.map((reason) => [reason, value / reasons.length]));
}

function addShares(all: readonly BadShares[]): BadShares {
  const sums: BadShares = {};
  for (const shares of all) {
    for (const reason of quarantineReasons) {
      const value = shares[reason];
      if (value !== undefined) sums[reason] = (sums[reason] ?? 0) + value;
    }
  }
  return sums;
}

/** The flag of an option: `--first-row` for `firstRow`. */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
