import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { WarehouseError } from '@sluice/warehouse';

import type { Command } from './command-context.ts';
import { readConfig, wantsNoColor } from './config.ts';
import type { Flags } from './config.ts';
import { CommandError } from './errors.ts';
import { printable, printableLines } from './output/printable.ts';

/**
 * A terminal signals all processes of a command at once, and a launcher passes on what it gets: then
 * one signal comes twice. Whoever means a second one takes longer.
 */
const echoMs = 200;

const signalExitCodes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;

/**
 * Runs one command with its configuration, signals and errors seen to. `args` are its positional
 * arguments, which it gets as `flags.args`.
 */
export async function runCommand(
  load: () => Promise<Command<never>>,
  flags: Flags,
  args: readonly unknown[],
): Promise<ExitCode> {
  const stop = new AbortController();
  let stoppedBy: keyof typeof signalExitCodes | undefined;
  let stoppedAtMs = 0;
  const onSignal = (signal: keyof typeof signalExitCodes): void => {
    if (stoppedBy === undefined) {
      stoppedBy = signal;
      stoppedAtMs = performance.now();
      stop.abort();
    } else if (performance.now() - stoppedAtMs > echoMs) {
      process.exit(exitCodes.failed);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const output = watchOutput();
  try {
    const config = readConfig(flags);
    // Which options a command takes is written where it is defined, in cli.ts.
    const command = (await load()) as Command<unknown>;
    const exitCode = await command(
      {
        config,
        output: process.stdout,
        messages: process.stderr,
        hasColor: (stream) => stream.isTTY && !wantsNoColor(),
        signal: stop.signal,
        now: () => new Date(),
      },
      { ...flags, args: args.flat() },
    );
    const ending = output.hasFailed && exitCode === exitCodes.done ? exitCodes.fellShort : exitCode;
    return stoppedBy === undefined ? ending : signalExitCodes[stoppedBy];
  } catch (error) {
    if (stoppedBy !== undefined) {
      process.stderr.write(`votes-ingest: stopped by ${stoppedBy}\n`);
      return signalExitCodes[stoppedBy];
    }
    process.stderr.write(`votes-ingest: ${describeError(error, flags['verbose'] === true)}\n`);
    return exitCodeOf(error);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) {
    return error.exitCode;
  }
  const isUnavailable =
    error instanceof WarehouseError && (error.code === 'LOCKED' || error.code === 'READ_ONLY');
  return isUnavailable ? exitCodes.unavailable : exitCodes.failed;
}

/** One line for what a user can act on; a defect of ours says that it is one. */
function describeError(error: unknown, isVerbose: boolean): string {
  const isExpected = error instanceof CommandError || error instanceof WarehouseError;
  const text = error instanceof Error ? error.message : String(error);
  // DuckDB points at a place in SQL over several lines; all else is one, whatever names are in it.
  const message = error instanceof WarehouseError ? printableLines(text) : printable(text);
  const stack = isVerbose && error instanceof Error ? `\n${printableLines(error.stack ?? '')}` : '';
  return isExpected
    ? `${message}${stack}`
    : `unexpected error, please report it: ${message}${stack || ' (--verbose shows where)'}`;
}

/**
 * Sees to the errors of the standard streams, which come when they like. A reader such as `head` may
 * leave early; what it did not want to see is no failure. A result that can not be written is one,
 * also once the command has ended.
 */
function watchOutput(): { readonly hasFailed: boolean } {
  const state = { hasFailed: false };
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !state.hasFailed) {
      state.hasFailed = true;
      process.exitCode = exitCodes.fellShort;
      const message = printable(error.message);
      process.stderr.write(
        `votes-ingest: write the result: ${message}; what the command did stays done\n`,
      );
    }
  });
  return state;
}
