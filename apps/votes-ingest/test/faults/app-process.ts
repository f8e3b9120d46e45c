import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import type { FaultPlan } from './fault-plan.ts';
import { faultPlanVariable } from './fault-plan.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const preload = new URL('fault-preload.ts', import.meta.url).pathname;

/** What is left of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The calls it made, in their order, where it was watched; see `fault-preload.ts`. */
  readonly calls: readonly Call[];
}

/** A call that a process made to DuckDB or to the file system. */
export interface Call {
  readonly name: string;
  hasEnded: boolean;
}

/** How a process is started. */
export interface StartOptions {
  readonly cwd: string;
  /** Where compiled code is kept from one process to the next: it halves the time of a start. */
  readonly codeCache?: string;
  /** Whether the process reports its calls, and what goes wrong in it. */
  readonly faults?: FaultPlan | 'watch';
  /** A script for `sh` that runs the process instead, as `"$@"`. */
  readonly shell?: string;
  readonly nodeFlags?: readonly string[];
  /** Its standard input; without it that is left open. */
  readonly input?: Uint8Array;
}

const running = new Set<AppProcess>();

/** Kills what a test that failed has left running. */
export async function killAll(): Promise<void> {
  for (const app of [...running]) {
    app.kill('SIGKILL');
    await app.ended;
  }
}

/** A running process. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #calls: Call[] = [];
  #stdout = '';
  #stderr = '';
  #onProgress: (() => void) | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    const closed = once(child, 'close');
    this.#ended = closed.then(() => ({
      exitCode: child.exitCode,
      signal: child.signalCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
      calls: this.#calls,
    }));
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
      this.#onProgress?.();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      this.#onProgress?.();
    });
    const reports = child.stdio[3];
    if (reports !== undefined && reports !== null) {
      this.#readReports(reports as Readable);
    }
    running.add(this);
    void closed.then(() => running.delete(this));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Given when the process has ended and all it wrote was read. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Waits until the process has reported or written so much; or until it has ended. */
  async until(
    isSo: (process: {
      readonly stdout: string;
      readonly stderr: string;
      readonly calls: readonly Call[];
    }) => boolean,
  ): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#onProgress = () => {
        if (isSo({ stdout: this.#stdout, stderr: this.#stderr, calls: this.#calls })) {
          resolve();
        }
      };
      this.#onProgress();
    });
    await Promise.race([reached, this.#ended]);
  }

  #readReports(reports: Readable): void {
    let unread = '';
    reports.on('data', (chunk: Buffer) => {
      const lines = (unread + chunk.toString('utf8')).split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) {
        const name = line.slice(2);
        if (line.startsWith('>')) {
          this.#calls.push({ name, hasEnded: false });
        } else {
          const call = this.#calls.findLast((other) => other.name === name && !other.hasEnded);
          if (call !== undefined) {
            call.hasEnded = true;
          }
        }
      }
      this.#onProgress?.();
    });
  }
}

/** Starts the app from its source, as a process of its own. */
export function startApp(args: readonly string[], options: StartOptions): AppProcess {
  return startNode([main, ...args], options);
}

/** Starts a TypeScript file, as a process of its own. */
export function startNode(
  args: readonly string[],
  { cwd, codeCache, faults, shell, nodeFlags = [], input }: StartOptions,
): AppProcess {
  const nodeArgs = [
    '--conditions=@sluice/source',
    ...(faults === undefined ? [] : ['--import', preload]),
    ...nodeFlags,
    ...args,
  ];
  const [command, commandArgs] =
    shell === undefined
      ? [process.execPath, nodeArgs]
      : ['sh', ['-c', shell, 'sh', process.execPath, ...nodeArgs]];
  const child = spawn(command, commandArgs, {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe', faults === undefined ? 'ignore' : 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      ...(codeCache === undefined ? {} : { NODE_COMPILE_CACHE: codeCache }),
      ...(faults === undefined || faults === 'watch'
        ? {}
        : { [faultPlanVariable]: JSON.stringify(faults) }),
    },
  });
  // It may be killed before it has read all of it.
  child.stdin?.on('error', () => undefined);
  if (input !== undefined) {
    child.stdin?.end(input);
  }
  return new AppProcess(child);
}
