import type { ExitCode } from '@sluice/schemas';

import type { Config } from './config.ts';

/** What a command runs in. */
export interface CommandContext {
  readonly config: Config;
  /** Takes the result. */
  readonly output: NodeJS.WriteStream;
  /** Takes everything else. */
  readonly messages: NodeJS.WriteStream;
  /** Whether colours may be used on that stream. */
  readonly hasColor: (stream: NodeJS.WriteStream) => boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** A command: gives what the process exits with. */
export type Command<Options> = (context: CommandContext, options: Options) => Promise<ExitCode>;

/** How a result is printed. */
export const formats = ['table', 'json', 'csv'] as const;

/** A member of {@link formats}. */
export type Format = (typeof formats)[number];
