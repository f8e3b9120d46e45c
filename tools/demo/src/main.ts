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
  const folder = '.sluice/demo';
  await runVotesDemo({ root, folder, rows: 200_000, signal });
  const votesStatus = `${folder}/warehouse.db.status.json`;
  await runJaoDemo({ root, folder, votesStatus, signal });
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`\nThe demo stopped: ${error.message}.\n`);
  process.exitCode = 1;
}
