import type { Logger } from 'pino';
import { pino } from 'pino';

import type { CommandContext } from './command-context.ts';

/**
 * The log of a command that works for long: one JSON object per line on standard error, and lines for
 * people where that is a terminal.
 */
export async function createLog(
  { messages, hasColor }: Pick<CommandContext, 'messages' | 'hasColor'>,
  runId: string,
): Promise<Logger> {
  const options = {
    base: { runId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['*.password', '*.authorization', '*.databaseUrl'],
  };
  if (!messages.isTTY) {
    return pino(options, messages);
  }
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    destination: messages,
    colorize: hasColor(messages),
    ignore: 'runId',
    translateTime: 'SYS:HH:MM:ss',
  });
  return pino(options, stream);
}
