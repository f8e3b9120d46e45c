import type { Writable } from 'node:stream';

import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { CommanderError } from 'commander';

import { parseBenchOptions } from './bench-options.ts';
import { votesCases } from './cases/votes-cases.ts';
import { createCommand } from './command.ts';
import { UsageError } from './errors.ts';
import { formatJson, formatTable } from './print-results.ts';
import { runVotesBench } from './run-votes-bench.ts';

/** Runs one command line and returns the exit code, a signal apart. */
export async function run({
  argv,
  stdout,
  stderr,
  signal,
}: {
  /** Without the names of the interpreter and the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const caseIds = votesCases.map(({ id }) => id);
  const runVotes = async (flags: unknown): Promise<void> => {
    const options = parseBenchOptions(flags, caseIds);
    const results = await runVotesBench({ options, messages: stderr, signal });
    const format = options.format === 'json' ? formatJson : formatTable;
    stdout.write(format(results, options));
    if (results.some((result) => 'error' in result)) exitCode = exitCodes.failed;
  };
  const command = createCommand({ runVotes, caseIds });
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    });
  }
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof UsageError) {
      stderr.write(`${error.message.replaceAll(/^/gm, 'bench: ')}\n`);
      return exitCodes.usage;
    }
    throw error;
  }
}
