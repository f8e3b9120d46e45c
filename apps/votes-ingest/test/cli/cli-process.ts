import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Compiled code is kept from one process to the next: it halves the time of a start. */
const compileCache = join(tmpdir(), 'sluice-compile-cache');
const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** What is left of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the command line is run. */
export interface CliOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  /** A descriptor for standard input; without one it is a pipe. */
  readonly stdin?: number;
  /** A descriptor for standard output; without one it is kept. */
  readonly stdout?: number;
}

/** The command line as a process of its own, which does not outlive its test. */
export class CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #onText: () => void = () => undefined;

  constructor(args: readonly string[], options: CliOptions) {
    const { cwd, environment = {}, nodeFlags = [], stdin = 'pipe', stdout = 'pipe' } = options;
    const stdio: StdioOptions = [stdin, stdout, 'pipe'];
    this.child = spawn(
      process.execPath,
      ['--conditions=@sluice/source', ...nodeFlags, main, ...args],
      {
        cwd,
        stdio,
        env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...environment },
      },
    );
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
      this.#onText();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      this.#onText();
    });
    // Who refuses its input closes it early.
    this.child.stdin?.on('error', () => undefined);
    const closed = once(this.child, 'close');
    this.ended = closed.then(() => ({
      exitCode: this.child.exitCode,
      signal: this.child.signalCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    onTestFinished(async () => {
      this.child.kill('SIGKILL');
      await closed;
    });
  }

  /** Waits until the process has said this on standard error; or has ended. */
  async hasSaid(text: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#onText = () => {
        if (this.#stderr.includes(text)) {
          resolve();
        }
      };
      this.#onText();
    });
    await Promise.race([said, this.ended]);
  }
}

/** Runs the command line to its end, with `input` on its standard input. */
export async function runCli(
  args: readonly string[],
  { input = '', ...options }: CliOptions & { readonly input?: string | Uint8Array },
): Promise<Ended> {
  const cli = new CliProcess(args, options);
  cli.child.stdin?.end(input);
  return cli.ended;
}
