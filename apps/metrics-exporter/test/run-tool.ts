import { findProgram } from '@sluice/prometheus-runner';
import type { Program } from '@sluice/prometheus-runner';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program has said, and what it has ended with. */
export interface ToolRun {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Whether this machine has a program of Prometheus' makers; Debian has all of them in two packages. */
export function hasTool(tool: Program): boolean {
  return findProgram(tool) !== undefined;
}

/** Runs one of them to its end. */
export async function runTool(tool: Program, args: readonly string[]): Promise<ToolRun> {
  const child = spawn(findProgram(tool) ?? tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const add = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  await once(child, 'close');
  return { exitCode: child.exitCode, output };
}
