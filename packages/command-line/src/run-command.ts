import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { Command, CommandCall } from './command-context.ts';
import { readConfig, wantsNoColor } from './config.ts';
import type { ConfigSource } from './config.ts';
import { CommandError } from './errors.ts';
import { printable, printableLines } from './output/printable.ts';
import { StopRequest, stopExitCode } from './stop-request.ts';
import type { StopSignal } from './stop-request.ts';

/** What all commands of an app have in common. */
export interface App<Config> {
  /** The program's name, with which its messages begin. */
  readonly name: string;
  readonly config: ConfigSource<Config>;
  /**
   * Knows the failures that a user can act on, besides {@link CommandError}: those of the database,
   * say. What it does not know (`undefined`) is told as a defect, and the process exits with 1.
   */
  readonly classifyError?: (error: unknown) => ExpectedFailure | undefined;
}

/** What a failure that a user can act on means to the command line. */
export interface ExpectedFailure {
  readonly exitCode: ExitCode;
  /**
   * Whether the message may have several lines, as that of an engine which points at a place in SQL;
   * without it line ends are escaped, since names out of data may hold them.
   *
   * @default false
   */
  readonly hasLines?: boolean;
  /** What the user can do, where the message does not say so. */
  readonly advice?: string;
}

/**
 * A terminal signals all processes of a command at once, and a launcher passes on what it gets: then
 * one signal comes twice. Whoever means a second one takes longer.
 */
const echoMs = 200;

/**
 * Runs one command with its configuration, signals and errors seen to, and gives what the process
 * exits with.
 *
 * The first SIGINT or SIGTERM aborts the context's signal, and however the command then ends, by
 * itself and in its own time, gives 130 or 143; a second one ends the process at once, with 1.
 */
export async function runCommand<Config>(
  app: App<Config>,
  { load, flags, args }: CommandCall<Config>,
): Promise<ExitCode> {
  const stop = watchSignals();
  const output = watchOutput(app.name);
  try {
    const config = readConfig(app.config, flags);
    // Which options a command takes is written where it is defined, in the app's cli.ts.
    const command = (await load()) as Command<Config, unknown>;
    const exitCode = await command(
      {
        program: app.name,
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
    return stop.by === undefined ? ending : stopExitCode(stop.signal);
  } catch (error) {
    if (stop.by !== undefined) {
      process.stderr.write(`${app.name}: stopped by ${stop.by}\n`);
      return stopExitCode(stop.signal);
    }
    const failure = expectedFailure(app, error);
    const text = describeError(error, failure, flags['verbose'] === true);
    process.stderr.write(`${app.name}: ${text}\n`);
    return failure?.exitCode ?? exitCodes.failed;
  } finally {
    stop.unwatch();
  }
}

interface SignalWatch {
  readonly signal: AbortSignal;
  /** The first signal that came. */
  readonly by: StopSignal | undefined;
  readonly unwatch: () => void;
}

function watchSignals(): SignalWatch {
  const stop = new AbortController();
  let stoppedBy: StopSignal | undefined;
  let stoppedAtMs = 0;
  const onSignal = (signal: StopSignal): void => {
    if (stoppedBy === undefined) {
      stoppedBy = signal;
      stoppedAtMs = performance.now();
      stop.abort(new StopRequest(signal));
    } else if (performance.now() - stoppedAtMs > echoMs) {
      process.exit(exitCodes.failed);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: stop.signal,
    get by() {
      return stoppedBy;
    },
    unwatch: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function expectedFailure<Config>(
  { classifyError }: App<Config>,
  error: unknown,
): ExpectedFailure | undefined {
  return error instanceof CommandError ? { exitCode: error.exitCode } : classifyError?.(error);
}

/** One line for what a user can act on; a defect of ours says that it is one. */
function describeError(
  error: unknown,
  failure: ExpectedFailure | undefined,
  isVerbose: boolean,
): string {
  const text = error instanceof Error ? error.message : String(error);
  const message = failure?.hasLines === true ? printableLines(text) : printable(text);
  const stack = isVerbose && error instanceof Error ? `\n${printableLines(error.stack ?? '')}` : '';
  return failure === undefined
    ? `unexpected error, please report it: ${message}${stack || ' (--verbose shows where)'}`
    : `${[message, failure.advice].filter((part) => part !== undefined).join('; ')}${stack}`;
}

/**
 * Sees to the errors of the standard streams, which come when they like. A reader such as `head` may
 * leave early; what it did not want to see is no failure. A result that can not be written is one,
 * also once the command has ended.
 */
function watchOutput(program: string): { readonly hasFailed: boolean } {
  const state = { hasFailed: false };
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !state.hasFailed) {
      state.hasFailed = true;
      process.exitCode = exitCodes.fellShort;
      const message = printable(error.message);
      process.stderr.write(
        `${program}: write the result: ${message}; what the command did stays done\n`,
      );
    }
  });
  return state;
}
