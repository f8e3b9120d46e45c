import { exitCodes } from '@sluice/schemas';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

import type { Flags } from './command-context.ts';
import { CommandError } from './errors.ts';
import { describeFileError, plainWords } from './config-problems.ts';

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a setting is read from, besides the file. */
export interface SettingSource {
  /** With its dashes, such as `--lock-timeout`; without one the command line can not give it. */
  readonly flag?: string;
  /** The environment variable; an empty one counts as absent. */
  readonly variable: string;
}

/** The settings of an app: flags over environment over file. */
export interface ConfigSource<Config> {
  /** Each by its name in the schema and in the file. */
  readonly settings: Readonly<Record<string, SettingSource>>;
  /**
   * Parses all of them at once: texts, as flags and variables are; numbers in the file come as texts
   * too. It refuses what it does not know.
   */
  readonly schema: z.ZodType<Config>;
  /** The file that is read where none is named; it need not exist. */
  readonly defaultFile: string;
  /** The environment variable that names another file, as `--config` does. */
  readonly fileVariable: string;
}

/**
 * Reads the settings of a command, once.
 *
 * @throws {CommandError} with all problems in one message, each by the name it was given under.
 */
export function readConfig<Config>(
  source: ConfigSource<Config>,
  flags: Flags,
  environment: Environment = process.env,
): Readonly<Config> {
  const origins = new Map<string, string>();
  const values: Record<string, unknown> = {};
  const file = readConfigFile(source, flags, environment);
  for (const [name, value] of Object.entries(file.values)) {
    values[name] = typeof value === 'number' ? String(value) : value;
    origins.set(name, `${name} in ${file.path}`);
  }
  for (const [name, { flag, variable }] of Object.entries(source.settings)) {
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined && fromEnvironment !== '') {
      values[name] = fromEnvironment;
      origins.set(name, variable);
    }
    const fromFlag = flag === undefined ? undefined : flags[flagName(flag)];
    if (flag !== undefined && fromFlag !== undefined) {
      values[name] = fromFlag;
      origins.set(name, flag);
    }
  }
  const parsed = source.schema.safeParse(values, { error: plainWords });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, origins));
    throw new CommandError(`read configuration: ${problems.join('; ')}`, {
      exitCode: exitCodes.usage,
    });
  }
  return Object.freeze(parsed.data);
}

/** By the name that a setting was given under, and where in it. */
function describeIssue(issue: z.core.$ZodIssue, origins: ReadonlyMap<string, string>): string[] {
  const [name, ...place] = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      name === undefined
        ? `${origins.get(key) ?? key}: there is no such setting`
        : `${[origins.get(name) ?? name, ...place, key].join(': ')}: there is no such member`,
    );
  }
  const known = name === undefined ? undefined : origins.get(name);
  return [`${[known ?? name ?? '', ...place].join(': ')}: ${issue.message}`];
}

/** Whether the environment asks for plain text. See no-color.org. */
export function wantsNoColor(environment: Environment = process.env): boolean {
  return (environment['NO_COLOR'] ?? '') !== '';
}

/** What commander calls the value of a flag: `--lock-timeout` is `lockTimeout`. */
function flagName(flag: string): string {
  return flag
    .replace(/^--/, '')
    .replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function readConfigFile(
  { defaultFile, fileVariable }: Pick<ConfigSource<unknown>, 'defaultFile' | 'fileVariable'>,
  flags: Flags,
  environment: Environment,
): { readonly path: string; readonly values: Readonly<Record<string, unknown>> } {
  const given = flags['config'] ?? environment[fileVariable];
  const path = typeof given === 'string' && given !== '' ? given : defaultFile;
  if (path === defaultFile && !existsSync(path)) {
    return { path, values: {} };
  }
  try {
    const values = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
    return { path, values };
  } catch (cause) {
    throw new CommandError(`read configuration file ${path}: ${describeFileError(cause)}`, {
      exitCode: exitCodes.usage,
      cause,
    });
  }
}
