import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const main = new URL('sample-app.ts', import.meta.url).pathname;

/** What is left of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sample app as a process of its own, which does not outlive its test. */
export class SampleProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #onText: () => void = () => undefined;

  constructor(
    args: readonly string[],
    {
      environment = {},
      stdout = 'pipe',
    }: {
      readonly environment?: Readonly<Record<string, string>>;
      /** A descriptor; without one what is printed is kept. */
      readonly stdout?: number | 'pipe';
    } = {},
  ) {
    this.child = spawn(process.execPath, ['--conditions=@sluice/source', main, ...args], {
      stdio: ['ignore', stdout, 'pipe'],
      env: { PATH: process.env['PATH'], ...environment },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      this.#onText();
    });
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

/** Runs the sample app to its end. */
export async function runSample(
  args: readonly string[],
  options: ConstructorParameters<typeof SampleProcess>[1] = {},
): Promise<Ended> {
  return new SampleProcess(args, options).ended;
}
