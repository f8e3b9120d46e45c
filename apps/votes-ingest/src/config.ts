import { exitCodes } from '@sluice/schemas';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';

import { CommandError } from './errors.ts';
import { parseQuarantineGate } from './ingest/quarantine-gate.ts';
import { conflictPolicies } from './ingest/settle.ts';

const defaultConfigFile = 'votes-ingest.config.json';

const millisecondsPer: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const durationSchema = z.string().transform((text, context) => {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  const factor = millisecondsPer[match?.[2] ?? ''];
  if (match?.[1] === undefined || factor === undefined) {
    context.addIssue(`${JSON.stringify(text)} is no duration such as 500ms, 2s or 1m`);
    return z.NEVER;
  }
  return Math.round(Number(match[1]) * factor);
});

const gateSchema = z.string().transform((text, context) => {
  const gate = parseQuarantineGate(text);
  if (gate === undefined) {
    context.addIssue(
      `${JSON.stringify(text)} is neither a number of records nor a share such as 1%`,
    );
    return z.NEVER;
  }
  return gate;
});

/**
 * The settings of every command: flags over environment over file. Each names its flag and its
 * environment variable; in the file it has the member's name here.
 */
const settings = {
  /** The DuckDB file. */
  warehouse: { flag: '--warehouse', variable: 'SLUICE_WAREHOUSE' },
  /** How long to wait for another process that holds the warehouse. */
  lockTimeout: { flag: '--lock-timeout', variable: 'SLUICE_LOCK_TIMEOUT' },
  /** DuckDB's memory limit, such as `1GB`. */
  memoryLimit: { flag: '--memory-limit', variable: 'SLUICE_MEMORY_LIMIT' },
  /** DuckDB's threads. */
  threads: { flag: '--threads', variable: 'SLUICE_THREADS' },
  /** Where DuckDB spills what exceeds the memory limit. */
  tempDirectory: { flag: '--temp-directory', variable: 'SLUICE_TEMP_DIRECTORY' },
  /** Which of two records with one Id and different content stays. */
  onConflict: { flag: '--on-conflict', variable: 'SLUICE_ON_CONFLICT' },
  /** How many records of a file may be put aside before the whole file is refused. */
  maxQuarantined: { flag: '--max-quarantined', variable: 'SLUICE_MAX_QUARANTINED' },
  /** A folder that gets a read-only copy of the warehouse after each run. */
  publish: { flag: '--publish', variable: 'SLUICE_PUBLISH' },
} as const;

type SettingName = keyof typeof settings;

/** Names of schemas, and of the database that spooled records lie in. */
const namesInside: ReadonlySet<string> = new Set(['ops', 'blog_analysis', 'spool']);

/**
 * DuckDB calls a database by its file's name up to the first dot; one that is called like a schema in
 * it makes every `ops.run` ambiguous, also for whoever opens the file elsewhere.
 */
const warehouseSchema = z
  .string()
  .min(1)
  .refine((path) => !namesInside.has(basename(path).split('.', 1)[0]?.toLowerCase() ?? ''), {
    error:
      'a warehouse can not be called ops, blog_analysis or spool, as it uses these names inside',
  });

const configSchema = z.strictObject({
  warehouse: warehouseSchema.default('warehouse.db'),
  lockTimeout: durationSchema.prefault('10s'),
  memoryLimit: z
    .string()
    .regex(/^(?=.*[1-9])\d+(?:\.\d+)?\s?(?:[KMGT]i?B|%)$/i, 'must be a size such as 512MB or 4GB')
    .optional(),
  threads: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(1024))
    .optional(),
  tempDirectory: z.string().min(1).optional(),
  onConflict: z.enum(conflictPolicies).default('last'),
  maxQuarantined: gateSchema.optional(),
  publish: z.string().min(1).optional(),
});

/** The settings of a command, parsed. `lockTimeout` is in milliseconds. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/** What the command line gave, by the settings' names; what it did not give is absent. */
export type Flags = Readonly<Record<string, unknown>>;

/**
 * Reads the settings of a command, once.
 *
 * @throws {CommandError} with all problems in one message, each by the name it was given under.
 */
export function readConfig(
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const origins = new Map<string, string>();
  const values: Record<string, unknown> = {};
  const file = readConfigFile(flags, environment);
  for (const [name, value] of Object.entries(file.values)) {
    values[name] = typeof value === 'number' ? String(value) : value;
    origins.set(name, `${name} in ${file.path}`);
  }
  for (const [name, { flag, variable }] of Object.entries(settings)) {
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined && fromEnvironment !== '') {
      values[name] = fromEnvironment;
      origins.set(name, variable);
    }
    if (flags[name] !== undefined) {
      values[name] = flags[name];
      origins.set(name, flag);
    }
  }
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${origins.get(key) ?? key}: there is no such setting`)
        : [`${origins.get(String(issue.path[0])) ?? issue.path.join('.')}: ${issue.message}`],
    );
    throw new CommandError(`read configuration: ${problems.join('; ')}`, {
      exitCode: exitCodes.usage,
    });
  }
  return Object.freeze(parsed.data);
}

/** Whether the environment asks for plain text. See no-color.org. */
export function wantsNoColor(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return (environment['NO_COLOR'] ?? '') !== '';
}

/** The names of all settings with their flags and variables, for help and docs. */
export const settingNames: readonly SettingName[] = Object.keys(settings) as SettingName[];

/** The flag and the environment variable of a setting. */
export function settingSource(name: SettingName): { flag: string; variable: string } {
  return settings[name];
}

function readConfigFile(
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly path: string; readonly values: Readonly<Record<string, unknown>> } {
  const given = flags['config'] ?? environment['SLUICE_CONFIG'];
  const path = typeof given === 'string' && given !== '' ? given : defaultConfigFile;
  if (path === defaultConfigFile && !existsSync(path)) {
    return { path, values: {} };
  }
  try {
    const values = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
    return { path, values };
  } catch (cause) {
    const what = cause instanceof z.ZodError ? 'it is not one JSON object' : String(cause);
    throw new CommandError(`read configuration file ${path}: ${what}`, {
      exitCode: exitCodes.usage,
      cause,
    });
  }
}
