import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { measuredEnvironment } from './config.ts';
import { scriptUrl } from './script-url.ts';

/** A process of Node to run to its end. */
export interface ProcessOptions {
  /** What follows `node` on the command line. */
  readonly args: readonly string[];
  /** An own folder, so that no configuration file is found by chance. */
  readonly folder: string;
  /** Added to the environment that every measured process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Asks the process itself for its peak memory, through a script that is loaded before it. That
   * takes a millisecond or two, which counts only beside a process that does nothing.
   */
  readonly readsPeak: boolean;
  /** Ends the process. */
  readonly signal: AbortSignal;
}

/** What a process did. */
export interface ProcessRun {
  /** From before its start to its end, wall clock. */
  readonly seconds: number;
  /** Peak resident memory, native memory included; `undefined` when it was not asked for or not said. */
  readonly peakBytes: number | undefined;
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a process to its end.
 *
 * @throws the signal's reason when it was aborted, after the process has ended.
 */
export async function runProcess({
  args,
  folder,
  environment = {},
  readsPeak,
  signal,
}: ProcessOptions): Promise<ProcessRun> {
  signal.throwIfAborted();
  const preload = readsPeak ? ['--import', scriptUrl('report-peak-memory').href] : [];
  const startedMs = performance.now();
  let endedMs = startedMs;
  const child = spawn(process.execPath, [...preload, ...args], {
    cwd: folder,
    env: { ...measuredEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  child.once('exit', () => {
    endedMs = performance.now();
  });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  try {
    const [, stdoutPipe, stderrPipe, reportPipe] = child.stdio;
    const [stdout, stderr, report] = await Promise.all([
      readPipe(stdoutPipe),
      readPipe(stderrPipe),
      readPipe(reportPipe),
      once(child, 'close'),
    ]);
    signal.throwIfAborted();
    return {
      seconds: (endedMs - startedMs) / 1000,
      peakBytes: report === '' ? undefined : Number(report),
      exitCode: child.exitCode,
      stdout,
      stderr,
    };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function readPipe(pipe: Readable | Writable | null | undefined): Promise<string> {
  if (!(pipe instanceof Readable)) throw new TypeError('expected a pipe that can be read');
  return text(pipe);
}
