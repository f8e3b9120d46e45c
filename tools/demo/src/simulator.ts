import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { environmentWith } from './config.ts';
import { DemoError, launchers } from './run-step.ts';

/** A stand-in for the JAO service, in a process of its own. */
export interface Simulator {
  readonly url: string;
  /** Publishes a business day of core/maxExchanges again, with other values for some cells. */
  readonly revise: (of: {
    readonly businessDay: string;
    readonly keys: readonly string[];
    readonly deliveryStarts: readonly string[];
  }) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @throws {DemoError} where it does not start. */
export async function startSimulator(root: string, args: readonly string[]): Promise<Simulator> {
  const child = spawn(process.execPath, [join(root, launchers['jao-simulator']), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith({}),
  });
  const said = text(child.stderr);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const url = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => undefined),
  ]);
  if (url === undefined) throw new DemoError(`the simulator does not start: ${await said}`);
  return {
    url,
    revise: async (of) => {
      const body = JSON.stringify({ dataset: 'core/maxExchanges', kind: 'value', ...of });
      const response = await fetch(`${url}/_control/revise`, { method: 'POST', body });
      if (!response.ok) throw new DemoError(`the simulator refuses: ${await response.text()}`);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
