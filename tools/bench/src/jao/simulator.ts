import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { measuredEnvironment } from '../config.ts';
import { BenchError } from '../errors.ts';

const launcher = fileURLToPath(
  new URL('../../../jao-simulator/bin/jao-simulator.js', import.meta.url),
);

/** The simulator's clock stands here: every business day to 2026-11-20 is out. */
const now = '2026-11-20T12:00:00Z';

/** A simulator in a process of its own. */
export interface RunningSimulator {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a simulator whose days of core/maxExchanges are built ahead, so that it costs little while
 * others are measured.
 *
 * @throws {BenchError} where it ends before it has said its URL.
 */
export async function startSimulator(): Promise<RunningSimulator> {
  const args = ['--now', now, '--jitter-minutes', '0', '--precompute', 'core/maxExchanges'];
  const child = spawn(process.execPath, [launcher, ...args], {
    env: measuredEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = text(child.stderr);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const firstLine = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => undefined),
  ]);
  if (firstLine === undefined) {
    throw new BenchError(`start the simulator: ${(await said).trim()}`);
  }
  return {
    url: firstLine,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
