import { run } from './run.ts';

const stop = new AbortController();
const exitCodeOfSignal = { SIGINT: 130, SIGTERM: 143 } as const;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal then ends the process at once.
  process.once(signal, () => {
    stop.abort(exitCodeOfSignal[signal]);
  });
}

const { stdout, stderr } = process;
process.exitCode = await run({
  argv: process.argv.slice(2),
  stdout,
  stderr,
  signal: stop.signal,
});
