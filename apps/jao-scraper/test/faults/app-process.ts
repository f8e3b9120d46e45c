import type { ExitCode } from '@sluice/schemas';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** What is left of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface StartOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where compiled code is kept from one process to the next: it halves the time of a start. */
  readonly codeCache: string;
  /** A module to load ahead of the app's code. */
  readonly preload?: string;
  /** A script for `sh` that runs the process instead, as `"$@"`. */
  readonly shell?: string;
}

/** A line of the app's log: one JSON object. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

const running = new Set<AppProcess>();

/** Kills what a test that failed has left running. */
export async function killAll(): Promise<void> {
  for (const app of [...running]) {
    app.kill('SIGCONT');
    app.kill('SIGKILL');
    await app.ended;
  }
}

/** A running process of the app. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  readonly #watchers = new Set<() => void>();
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    const closed = once(child, 'close');
    this.#ended = closed.then(() => ({
      exitCode: child.exitCode,
      signal: child.signalCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      for (const look of this.#watchers) {
        look();
      }
    });
    running.add(this);
    void closed.then(() => running.delete(this));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has logged so far. */
  get log(): readonly LogLine[] {
    return readLog(this.#stderr);
  }

  /** Given when the process has ended and all it wrote was read. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the process has logged what is looked for; fails when it ends without it. */
  async until(what: string, isSo: (log: readonly LogLine[]) => boolean): Promise<void> {
    const reached = new Promise<'reached'>((resolve) => {
      const look = (): void => {
        if (isSo(this.log)) {
          this.#watchers.delete(look);
          resolve('reached');
        }
      };
      this.#watchers.add(look);
      look();
    });
    const first = await Promise.race([reached, this.#ended]);
    if (first !== 'reached' && !isSo(this.log)) {
      throw new Error(
        `the process ended (${String(first.exitCode ?? first.signal)}) before ${what}:\n${first.stderr.slice(-2_000)}`,
      );
    }
  }

  /** Waits until so many attempts were logged as stored. */
  async untilStored(days: number): Promise<void> {
    await this.until(
      `${days} days were stored`,
      (log) => log.filter(({ outcome }) => outcome === 'stored').length >= days,
    );
  }
}

/** The lines of a log that are whole. */
export function readLog(stderr: string): LogLine[] {
  const lines = stderr.split('\n').slice(0, -1);
  return lines.flatMap((line) =>
    // Our own logger writes them.
    line.startsWith('{') ? [JSON.parse(line) as LogLine] : [],
  );
}

/** What a process says to people, besides its log. */
export function wordsOf({ stderr }: Pick<Ended, 'stderr'>): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
}

/** It ended by itself, with this code; what it said instead is told. */
export function expectExit(ended: Ended, exitCode: ExitCode): void {
  const { signal, stderr } = ended;
  expect({ exitCode: ended.exitCode, signal }, stderr.slice(-2_000)).toEqual({
    exitCode,
    signal: null,
  });
  const said = wordsOf(ended).join('\n');
  expect(said).not.toMatch(/^ {4}at |unexpected error|Unhandled|node:internal/m);
}

/** Starts the app from its source, as a process of its own. */
export function startApp(
  args: readonly string[],
  { cwd, env, codeCache, preload, shell }: StartOptions,
): AppProcess {
  const nodeArgs = [
    '--conditions=@sluice/source',
    ...(preload === undefined ? [] : ['--import', preload]),
    main,
    ...args,
  ];
  const [command, commandArgs] =
    shell === undefined
      ? [process.execPath, nodeArgs]
      : ['sh', ['-c', shell, 'sh', process.execPath, ...nodeArgs]];
  const child = spawn(command, commandArgs, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: codeCache,
      ...env,
    },
  });
  return new AppProcess(child);
}
