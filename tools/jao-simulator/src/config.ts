import { z } from 'zod';

import { simulatedDatasets } from './dataset.ts';
import { faultGroups, faultKinds } from './fault.ts';
import type { FaultKind } from './fault.ts';
import { retryAfterForms } from './rate-limit.ts';
import type { SimulatorOptions } from './simulator-api.ts';

/** What the command line asks for. */
export interface ProgramConfig {
  readonly simulator: SimulatorOptions;
  readonly clockSpeed: number | undefined;
  /** Datasets whose published days are built before the URL is printed. */
  readonly precompute: readonly string[];
}

/** A wrong command line: one line for each problem. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const datasetNames: readonly string[] = simulatedDatasets.map(({ name }) => name);

const integer = parsed('a whole number from 0', (text) => parseNumber(text, /^\d+$/));
const decimal = parsed('a number from 0', (text) => parseNumber(text, /^\d+(\.\d+)?$/));
const share = parsed('a share such as 20% or 0.2', parseShare);
const instant = parsed('an instant such as 2026-11-20T12:00:00Z', parseInstant);
const kinds = parsed(
  `kinds or groups of faults (${Object.keys(faultGroups).join(', ')})`,
  parseFaultKinds,
);
const dataset = parsed(`one of ${datasetNames.join(', ')}`, (text) =>
  datasetNames.includes(text) ? text : undefined,
);

const flagsSchema = z.strictObject({
  port: integer,
  seed: integer,
  now: instant.optional(),
  clockSpeed: decimal.optional(),
  jitterMinutes: decimal,
  revisionRate: share,
  faultRate: share,
  faultKinds: kinds.optional(),
  rateLimit: integer.optional(),
  retryAfter: z.enum(retryAfterForms).optional(),
  maxWindowHours: decimal,
  conditional: z.boolean().default(false),
  lastModified: z.boolean().default(false),
  precompute: z.array(dataset).default([]),
});

/**
 * Reads the flags.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseConfig(flags: unknown): ProgramConfig {
  const result = flagsSchema.safeParse(flags);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${flagOf(String(path[0]))}: ${message}`,
    );
    throw new UsageError(problems.join('\n'));
  }
  const { now, clockSpeed, faultRate, rateLimit, retryAfter, precompute, ...rest } = result.data;
  const { faultKinds: chosenKinds, conditional, lastModified, ...simulator } = rest;
  if (retryAfter !== undefined && rateLimit === undefined) {
    throw new UsageError('--retry-after: only together with --rate-limit');
  }
  return {
    simulator: {
      ...simulator,
      nowMs: now,
      answersConditionally: conditional,
      datesAnswers: lastModified,
      rateLimit: rateLimit === undefined ? null : { requestsPerMinute: rateLimit, retryAfter },
      randomFaults: { rate: faultRate, kinds: chosenKinds },
    },
    clockSpeed,
    precompute,
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

function parseNumber(text: string, form: RegExp): number | undefined {
  const value = Number(text);
  return form.test(text) && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function parseShare(text: string): number | undefined {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = percent === '%' ? Number(digits) / 100 : Number(digits);
  return value <= 1 ? value : undefined;
}

function parseInstant(text: string): number | undefined {
  const instantMs = /Z$|[+-]\d{2}:\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instantMs) ? undefined : instantMs;
}

function parseFaultKinds(text: string): FaultKind[] | undefined {
  const chosen: FaultKind[] = [];
  for (const name of text.split(',')) {
    const group = Object.entries(faultGroups).find(([other]) => other === name);
    const members = group?.[1] ?? faultKinds.filter((kind) => kind === name);
    if (members.length === 0) return undefined;
    chosen.push(...members);
  }
  return chosen;
}

function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
