import type { CaseContext } from './bench-case.ts';
import { requireSuccess } from './checks.ts';
import { runProcess } from './run-process.ts';

/**
 * Runs a process that is not timed, and gives what it printed.
 *
 * @throws {BenchError} where it fails.
 */
export async function runOrFail(
  { folder, signal }: CaseContext,
  label: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const run = await runProcess({ args, folder, environment, readsPeak: false, signal });
  requireSuccess(label, run);
  return run.stdout;
}
