import type { Writable } from 'node:stream';

import { engineVersion } from '@sluice/warehouse';

/** Writes what the app would work with to `stdout` and returns the exit code. */
export function main(args: readonly string[], stdout: Writable): number {
  stdout.write(`votes-ingest ${args.join(' ')}(DuckDB ${engineVersion()})\n`);
  return 0;
}
