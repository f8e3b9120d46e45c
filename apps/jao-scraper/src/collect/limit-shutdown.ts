import { say, stopExitCode } from '@sluice/command-line';

import type { CommandContext } from '../command-context.ts';

/**
 * Whoever asks for the end gets it within the grace period, also where something hangs: an answer of the
 * database, say. Gives what ends the watch over it.
 */
export function limitShutdown(context: CommandContext): () => void {
  const { signal, config } = context;
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => {
      say(context, 'the grace period is over; what was not finished is asked for again');
      process.exit(stopExitCode(signal));
    }, config.gracePeriod).unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}
