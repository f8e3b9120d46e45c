import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** What is left of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the app, from its sources. */
export function startExporter(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
) {
  const child = spawn(
    process.execPath,
    ['--conditions=@sluice/source', ...nodeOptions, main, ...args],
    { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const watchers = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
    watchers.forEach((look) => {
      look();
    });
  });
  const ended: Promise<Ended> = closed.then(() => ({ exitCode: child.exitCode, stdout, stderr }));
  return {
    ended,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Waits until the process has said this on standard error, and gives what it found. */
    said: async (pattern: RegExp): Promise<RegExpExecArray> => {
      const found = new Promise<RegExpExecArray>((resolve) => {
        const look = (): void => {
          const match = pattern.exec(stderr);
          if (match !== null) {
            watchers.delete(look);
            resolve(match);
          }
        };
        watchers.add(look);
        look();
      });
      const first = await Promise.race([found, ended]);
      if ('exitCode' in first) {
        throw new Error(`the process ended (${String(first.exitCode)}): ${first.stderr}`);
      }
      return first;
    },
  };
}
