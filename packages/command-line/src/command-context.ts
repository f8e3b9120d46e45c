import type { ExitCode } from '@sluice/schemas';

/** What a command runs in. `Config` is the app's settings, parsed. */
export interface CommandContext<Config> {
  /** The name that the program's messages begin with. */
  readonly program: string;
  readonly config: Config;
  /** Takes the result. */
  readonly output: NodeJS.WriteStream;
  /** Takes everything else. */
  readonly messages: NodeJS.WriteStream;
  /** Whether colours may be used on that stream. */
  readonly hasColor: (stream: NodeJS.WriteStream) => boolean;
  /**
   * Aborted by the first SIGINT or SIGTERM; the command then ends by itself, in its own time. What a
   * command that can not wait for its end exits with, `stopExitCode` tells.
   */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** A command: gives what the process exits with. */
export type Command<Config, Options> = (
  context: CommandContext<Config>,
  options: Options,
) => Promise<ExitCode>;

/** What the command line gave, by the names that commander gives its options; the rest is absent. */
export type Flags = Readonly<Record<string, unknown>>;

/**
 * Loads a command when it is known that it runs: native modules take time to load. Which options a
 * command takes is written where the program is defined, so here it may be any.
 */
export type LoadCommand<Config> = () => Promise<Command<Config, never>>;

/** One command with what was given to it on the command line. */
export interface CommandCall<Config> {
  readonly load: LoadCommand<Config>;
  readonly flags: Flags;
  /** The positional arguments, which the command gets as `options.args`, a list in one flattened. */
  readonly args: readonly unknown[];
}
