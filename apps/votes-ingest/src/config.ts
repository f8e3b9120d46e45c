import { durationSchema } from '@sluice/command-line';
import type { ConfigSource } from '@sluice/command-line';
import { arrivalPlanSchema } from '@sluice/schemas';
import { checkOverridesSchema, configureSuite, voteSuite } from '@sluice/schemas/expectations';
import { basename } from 'node:path';
import { z } from 'zod';

import { fileActionsSchema } from './file-coverage/file-actions.ts';
import { parseQuarantineGate } from './ingest/quarantine-gate.ts';
import { conflictPolicies } from './ingest/settle.ts';

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
  /** Which files are expected, and when; JSON in the environment. */
  arrivals: { variable: 'SLUICE_ARRIVALS' },
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

const arrivalsSchema = z
  .preprocess((value, context) => {
    if (typeof value !== 'string') {
      return value;
    }
    try {
      return JSON.parse(value) as unknown;
    } catch {
      // Where in the text it is wrong says little to who reads it in an environment.
      context.addIssue(
        'must be JSON, such as {"file": "votes-{date}.jsonl", "from": "2021-09-01"}',
      );
      return z.NEVER;
    }
  }, arrivalPlanSchema)
  .optional();

/** The suite of votes, as its checks are set; in the file only, by their ids. */
const checksSchema = checkOverridesSchema.transform((overrides, context) => {
  const { suite, problems } = configureSuite(voteSuite, overrides, { auditedPart: 'batch' });
  for (const problem of problems) {
    context.addIssue(problem);
  }
  return suite;
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
  checks: checksSchema.prefault({}),
  arrivals: arrivalsSchema,
  /** What follows from the states of expected files; in the file only. */
  coverageActions: fileActionsSchema.prefault({}),
});

/** The settings of a command, parsed. `lockTimeout` is in milliseconds. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/** Where the settings of every command come from. */
export const configSource: ConfigSource<Config> = {
  settings,
  schema: configSchema,
  defaultFile: 'votes-ingest.config.json',
  fileVariable: 'SLUICE_CONFIG',
};

/** The names of all settings with their flags and variables, for help and docs. */
export const settingNames: readonly SettingName[] = Object.keys(settings) as SettingName[];

/** The flag and the environment variable of a setting. */
export function settingSource(name: SettingName): { flag?: string; variable: string } {
  return settings[name];
}
