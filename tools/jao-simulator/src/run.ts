import { once } from 'node:events';
import type { Writable } from 'node:stream';

import { redirectCommand } from '@sluice/command-line/program';
import { CommanderError } from 'commander';

import { createCommand } from './command.ts';
import { parseConfig, UsageError } from './config.ts';
import type { ProgramConfig } from './config.ts';
import { datasetOf } from './dataset.ts';
import type { JaoSimulator } from './simulator-api.ts';
import { startJaoSimulator } from './simulator.ts';

const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/**
 * Runs one command line until `signal` is aborted, and returns the exit code: the abort's reason if that is
 * a number, else 0 done, 1 the port is taken, 2 wrong usage.
 */
export async function run({
  argv,
  stdout,
  stderr,
  signal,
}: {
  /** Without the names of the interpreter and the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}): Promise<number> {
  const command = createCommand(async (flags) => {
    const config = parseConfig(flags);
    const simulator = await startJaoSimulator(config.simulator);
    prepare(simulator, config);
    stdout.write(`${simulator.url}\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await simulator.close();
  });
  redirectCommand(command, { stdout, stderr });
  try {
    await command.parseAsync(argv, { from: 'user' });
    const reason: unknown = signal.reason;
    return typeof reason === 'number' ? reason : exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof UsageError) {
      stderr.write(`${error.message.replaceAll(/^/gm, 'jao-simulator: ')}\n`);
      return exitCodes.usage;
    }
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    stderr.write(`jao-simulator: ${error.message}\n`);
    return exitCodes.failed;
  }
}

function prepare(simulator: JaoSimulator, { clockSpeed, precompute }: ProgramConfig): void {
  for (const name of precompute) {
    const last = simulator.lastPublishedDay(name);
    if (last !== undefined) simulator.precompute(name, datasetOf(name).firstBusinessDay, last);
  }
  if (clockSpeed !== undefined) simulator.clock.run(clockSpeed);
}
