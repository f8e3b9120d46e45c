import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder in a process of its own, with the packages' sources. */
export function startScript(name: string, args: readonly string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  return spawn(process.execPath, ['--conditions=@sluice/source', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Runs a script to its end; gives its exit code, or the signal it died of. */
export async function runScript(name: string, args: readonly string[]): Promise<unknown> {
  const child = startScript(name, args);
  // What the event of a process that ended carries.
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal;
}

/** Has another process hold a warehouse while `work` goes on. */
export async function whileHeld(
  path: string,
  access: 'read' | 'write',
  work: () => Promise<void>,
): Promise<void> {
  const holder = startScript('./hold-warehouse.ts', [path, access]);
  const ended = once(holder, 'exit');
  try {
    await once(holder.stdout, 'data');
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
