import type { ExitCode } from '@sluice/schemas';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

import type { CommandCall, Flags, LoadCommand } from './command-context.ts';

// What defines a program is loaded for --help too, so this file imports nothing that takes time:
// the contracts' package alone takes longer to load than all of --help.
const done: ExitCode = 0;
const usage: ExitCode = 2;

/** How a result is printed. */
export const formats = ['table', 'json', 'csv'] as const;

/** A member of {@link formats}. */
export type Format = (typeof formats)[number];

/** Makes what runs a command out of what loads it, as commander's `action` takes it. */
export type Action<Config> = (load: LoadCommand<Config>) => (...args: unknown[]) => Promise<void>;

/** A command line to run. */
export interface ProgramRun<Config> {
  /** Defines the program, by {@link createProgram}, with its commands, each run by what `action` makes. */
  readonly define: (action: Action<Config>) => Command;
  /** Runs the command that was called for: `runCommand`, loaded when it is needed. */
  readonly run: (call: CommandCall<Config>) => Promise<ExitCode>;
  /** As `process.argv`. */
  readonly argv: readonly string[];
}

/** Runs one command line, and gives what the process exits with. */
export async function runProgram<Config>({
  define,
  run,
  argv,
}: ProgramRun<Config>): Promise<ExitCode> {
  let exitCode = done;
  letReaderLeave(process.stdout);
  const program = define((load) => async (...args) => {
    const command = args.at(-1);
    const flags: Flags = command instanceof Command ? command.optsWithGlobals() : {};
    exitCode = await run({ load, flags, args: args.slice(0, -2) });
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? done : usage;
    }
    throw error;
  }
}

/**
 * Has a command write to these streams, and throw where commander would end the process. A reader of its
 * help may leave early.
 */
export function redirectCommand(
  command: Command,
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable },
): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => {
      letReaderLeave(stdout);
      stdout.write(text);
    },
    writeErr: (text) => stderr.write(text),
  });
}

/**
 * Lets a reader of the help, such as `head`, leave early. Another failure is thrown, unless the stream has
 * a listener besides, as one that a command writes to has.
 */
function letReaderLeave(stream: Writable): void {
  stream.off('error', throwUnlessLeft).on('error', throwUnlessLeft);
}

function throwUnlessLeft(this: Writable, error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && this.listenerCount('error') === 1) {
    throw error;
  }
}

/** A program without commands, which throws where commander would end the process. */
export function createProgram({
  name,
  description,
  version,
}: {
  readonly name: string;
  readonly description: string;
  readonly version: string;
}): Command {
  return new Command(name)
    .description(description)
    .version(version)
    .exitOverride()
    .showSuggestionAfterError();
}

/**
 * Ends the help of commands with examples: by each command's name, or its parent's and its own with
 * a blank between, lines without the program's name.
 *
 * @throws {RangeError} where there is no such command.
 */
export function addExamples(
  program: Command,
  examples: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [path, lines] of Object.entries(examples)) {
    let target = program;
    for (const name of path.split(' ')) {
      const found = target.commands.find((candidate) => candidate.name() === name);
      if (found === undefined) {
        throw new RangeError(`examples: there is no command ${JSON.stringify(path)}`);
      }
      target = found;
    }
    target.addHelpText(
      'after',
      `\nExamples:\n${lines.map((line) => `  ${program.name()} ${line}`).join('\n')}`,
    );
  }
}

/** The option `--format`, for a command that can print its result so. */
export function formatOption(choices: readonly Format[]): Option {
  return new Option('--format <format>', 'how to print the result')
    .choices([...choices])
    .default('table');
}

/**
 * Parses an option's or argument's value.
 *
 * @throws {InvalidArgumentError} unless it is a whole number of at most 15 digits.
 */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number.');
  }
  return Number(text);
}

/**
 * Parses an option's value that counts something.
 *
 * @throws {InvalidArgumentError} unless it is a whole number above 0 of at most 15 digits.
 */
export function positiveNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) {
    throw new InvalidArgumentError('It must be above 0.');
  }
  return number;
}

/**
 * The version in a package.json.
 *
 * @throws {TypeError} where there is none.
 */
export function readVersion(manifestUrl: URL): string {
  const manifest: unknown = JSON.parse(readFileSync(manifestUrl, 'utf8'));
  if (
    typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  ) {
    return manifest.version;
  }
  throw new TypeError(`${manifestUrl.href}: expected a version`);
}
