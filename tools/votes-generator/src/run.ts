import type { Writable } from 'node:stream';

import { redirectCommand } from '@sluice/command-line/program';
import { exitCodes } from '@sluice/schemas';
import { CommanderError } from 'commander';

import { createCommand } from './command.ts';
import { flagOf, parseConfig, UsageError } from './config.ts';
import { standardOutput } from './write-output.ts';
import { writeVotes } from './write-votes.ts';

/**
 * Runs one command line and returns the exit code: 0 done, 1 failed, 2 wrong usage.
 *
 * A reader that closes the standard output early, as `head` does, has what it wants: 0.
 */
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
}): Promise<number> {
  let out: string | undefined;
  const command = createCommand(async (flags) => {
    const config = parseConfig(flags);
    out = config.out;
    const totals = await writeVotes({ config, stdout, signal });
    if (config.printsTotals) stderr.write(`${JSON.stringify(totals)}\n`);
  });
  redirectCommand(command, { stdout, stderr });
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof UsageError) {
      stderr.write(`${error.message.replaceAll(/^/gm, 'votes-generator: ')}\n`);
      return exitCodes.usage;
    }
    if (error instanceof RangeError) {
      const message = error.message.replace(/^[a-z]+/i, flagOf);
      stderr.write(`votes-generator: ${message}\n`);
      return exitCodes.usage;
    }
    if (!isSystemError(error)) throw error;
    if (error.code === 'EPIPE' && out === standardOutput) return exitCodes.done;
    stderr.write(`votes-generator: write ${String(out)}: ${error.message}\n`);
    return exitCodes.failed;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
