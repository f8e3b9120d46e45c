import { exitCodes } from '@sluice/schemas';

import { run } from './run.ts';

const stop = new AbortController();
const exitCodeOfSignal = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;
let stopped: keyof typeof exitCodeOfSignal | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal then ends the process at once.
  process.once(signal, () => {
    stopped = signal;
    stop.abort();
  });
}

try {
  const { stdout, stderr } = process;
  process.exitCode = await run({
    argv: process.argv.slice(2),
    stdout,
    stderr,
    signal: stop.signal,
  });
} catch (error) {
  if (stopped === undefined) throw error;
  process.exitCode = exitCodeOfSignal[stopped];
}
