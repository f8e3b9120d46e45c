import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { findProgram } from './find-program.ts';
import type { Program } from './find-program.ts';

/** A server that could not be started, or ended by itself. The message has the end of what it said. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** A server in a process of its own. */
export interface ServerProcess {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** All that it has said so far. */
  readonly log: () => string;
  /** Ends it, and gives when it has ended. */
  readonly stop: () => Promise<void>;
}

/** Both programs say so in a line of their log, with the port that they were given. */
const listening = /msg="?Listening on"? address=(?<address>[\d.]+:\d+)/;
const saidAtTheEnd = 2_000;

/**
 * Starts a program of Prometheus' makers that listens on any free port of loopback, and waits until it
 * does. It does not outlive this process, unless that is killed.
 *
 * @throws {ServerError} where the machine has no such program, or it ends before it listens.
 */
export async function startServerProcess(
  program: Program,
  args: readonly string[],
): Promise<ServerProcess> {
  const path = findProgram(program);
  if (path === undefined) {
    throw new ServerError(`start ${program}: this machine has none`);
  }
  const child = spawn(path, ['--web.listen-address=127.0.0.1:0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  let said = '';
  const closed = once(child, 'close');
  const address = new Promise<string>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const found = listening.exec(said)?.groups?.['address'];
      if (found !== undefined) {
        resolve(found);
      }
    });
  });
  const found = await Promise.race([address, closed.then(() => undefined)]);
  if (found === undefined) {
    process.off('exit', kill);
    throw new ServerError(`start ${program}: it ended\n${said.slice(-saidAtTheEnd)}`);
  }
  return {
    url: `http://${found}`,
    log: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      process.off('exit', kill);
    },
  };
}
