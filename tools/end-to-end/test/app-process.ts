import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const launchers = {
  'jao-scraper': '../../../apps/jao-scraper/bin/jao-scraper.js',
  'metrics-exporter': '../../../apps/metrics-exporter/bin/metrics-exporter.js',
  'votes-ingest': '../../../apps/votes-ingest/bin/votes-ingest.js',
} as const;

/** How a command of an app is started. */
export interface AppOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A command of an app that runs. */
export interface AppProcess {
  /** Waits until it has said this on standard error. @throws {Error} where it ends without it */
  readonly said: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** All that it has said on standard error so far. */
  readonly log: () => string;
  /** Asks it to stop, and waits until it has. */
  readonly stop: () => Promise<void>;
  /** Its exit code, once it has ended, and what it said. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly said: string }>;
}

/** Starts a command of an app by its launcher, which runs what was built. It ends with this process. */
export function startApp(
  app: keyof typeof launchers,
  args: readonly string[],
  { cwd, env }: AppOptions,
): AppProcess {
  const launcher = fileURLToPath(new URL(launchers[app], import.meta.url));
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    // The launcher stops what it has started where the other end of the channel closes.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  const looking = new Set<() => void>();
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    looking.forEach((look) => {
      look();
    });
  });
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, said }));
  return {
    ended,
    log: () => said,
    said: async (pattern) => {
      const found = new Promise<RegExpExecArray>((resolve) => {
        const look = (): void => {
          const match = pattern.exec(said);
          if (match !== null) {
            looking.delete(look);
            resolve(match);
          }
        };
        looking.add(look);
        look();
      });
      const first = await Promise.race([found, ended]);
      if ('exitCode' in first) {
        throw new Error(`${app} ended (${String(first.exitCode)}): ${first.said}`);
      }
      return first;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a command of an app to its end. @throws {Error} where that is not exit code 0 */
export async function runApp(
  app: keyof typeof launchers,
  args: readonly string[],
  options: AppOptions,
): Promise<void> {
  const { exitCode, said } = await startApp(app, args, options).ended;
  if (exitCode !== 0) {
    throw new Error(`${app} ${args.join(' ')} ended (${String(exitCode)}): ${said}`);
  }
}
