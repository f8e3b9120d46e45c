import { pino } from 'pino';
import type { Logger, LoggerOptions } from 'pino';

import type { CommandContext } from './command-context.ts';
import { describeLogLine } from './log-line.ts';

/** How a command logs. */
export interface LogOptions {
  readonly runId: string;
  /** Whether people get all fields of a line, each on one of its own. @default false */
  readonly isVerbose?: boolean | undefined;
  /** Writes whole lines to standard error. @default as they come */
  readonly print?: ((lines: string) => void) | undefined;
  /** Told of each line by its level. @default nobody is told */
  readonly onMessage?: ((level: string) => void) | undefined;
}

/**
 * The log of a command that works for long: one JSON object per line on standard error, and where that
 * is a terminal one line for people.
 */
export async function createLog(
  { messages, hasColor }: Pick<CommandContext, 'messages' | 'hasColor'>,
  {
    runId,
    isVerbose = false,
    print = (lines) => void messages.write(lines),
    onMessage = () => undefined,
  }: LogOptions,
): Promise<Logger> {
  const options: LoggerOptions = {
    base: { runId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.password', '*.authorization', '*.databaseUrl'],
    hooks: {
      logMethod(args, method, level) {
        onMessage(pino.levels.labels[level] ?? String(level));
        method.apply(this, args);
      },
    },
  };
  if (!messages.isTTY) {
    return pino(options, { write: print });
  }
  const { prettyFactory } = await import('pino-pretty');
  const describe = prettyFactory({
    colorize: hasColor(messages),
    ignore: 'runId',
    translateTime: 'SYS:HH:MM:ss',
    ...(isVerbose ? {} : { hideObject: true, messageFormat: describeLogLine }),
  });
  return pino(options, {
    write: (line) => {
      print(describe(line));
    },
  });
}
