import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { environmentWith } from './config.ts';

/** A step that did not end as it should, told in a line. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** One command line of the demo, with what it shows. */
export interface Step {
  readonly shows: string;
  readonly app: keyof typeof launchers;
  readonly args: readonly string[];
}

/** The commands of the demo, by what follows `npx`. */
export const launchers = {
  'jao-scraper': 'apps/jao-scraper/bin/jao-scraper.js',
  'jao-simulator': 'tools/jao-simulator/bin/jao-simulator.js',
  'metrics-exporter': 'apps/metrics-exporter/bin/metrics-exporter.js',
  'votes-generator': 'tools/votes-generator/bin/votes-generator.js',
  'votes-ingest': 'apps/votes-ingest/bin/votes-ingest.js',
} as const;

/** Writes what is shown, and how. */
export function announce(shows: string, how: string): void {
  process.stdout.write(`\n${shows}\n${how}\n`);
}

/**
 * Shows a command line and runs it. With `isQuiet` its standard error is seen only where it fails.
 *
 * @throws {DemoError} where it does not end with exit code 0; the signal's reason when it was aborted.
 */
export async function runStep(
  { shows, app, args }: Step,
  {
    root,
    signal,
    environment = {},
    isQuiet = false,
  }: {
    readonly root: string;
    readonly signal: AbortSignal;
    /** Added to this process's own. */
    readonly environment?: Readonly<Record<string, string>>;
    readonly isQuiet?: boolean;
  },
): Promise<void> {
  announce(shows, `$ npx ${[app, ...args.map(quote)].join(' ')}`);
  signal.throwIfAborted();
  const child = spawn(process.execPath, [join(root, launchers[app]), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', isQuiet ? 'pipe' : 'inherit'],
    env: environmentWith(environment),
  });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  const [said] = await Promise.all([
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'close'),
  ]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (child.exitCode !== 0) {
    process.stderr.write(said);
    throw new DemoError(`${app} ended with exit code ${child.exitCode ?? 1}`);
  }
}

function quote(arg: string): string {
  return /^[\w./%=:-]+$/.test(arg) ? arg : JSON.stringify(arg);
}
