import { fileURLToPath } from 'node:url';

import { runJaoDemo } from './jao-demo.ts';
import { DemoError } from './run-step.ts';
import { runVotesDemo } from './votes-demo.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process at once.
  process.once(name, () => {
    stop.abort(new DemoError(`stopped by ${name}`));
  });
}

try {
  const { signal } = stop;
  await runVotesDemo({ root, folder: '.sluice/demo', rows: 200_000, signal });
  await runJaoDemo({ root, signal });
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`\nThe demo stopped: ${error.message}.\n`);
  process.exitCode = 1;
}
