import { isDeepStrictEqual } from 'node:util';

import { BenchError } from './errors.ts';
import type { ProcessRun } from './run-process.ts';

/** @throws {BenchError} with the process's own words, where it did not exit with 0. */
export function requireSuccess(label: string, { exitCode, stderr }: ProcessRun): void {
  if (exitCode === 0) return;
  const end = exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
  throw new BenchError(`${label}: ${end}: ${stderr.trim() || 'it said nothing'}`);
}

/** @throws {BenchError} naming both, where they differ. */
export function requireEqual(what: string, received: unknown, expected: unknown): void {
  if (isDeepStrictEqual(received, expected)) return;
  throw new BenchError(`${what}: expected ${describe(expected)}, found ${describe(received)}`);
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
