import { exitCodes } from '@sluice/schemas';
import { startJaoSimulator } from '@sluice/jao-simulator';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { startApp } from './app-process.ts';
import { environmentOf, simulatedNowMs, timeoutMs, useScenario } from './scenario.ts';

const scenario = useScenario();

/** Room for the empty database of the app's own, and for some of the month. */
const smallMib = 70;
const roomyMib = 1_024;

test.skipIf(!canMount())(
  'on a full disk the app says so and where, and goes on when there is room (needs root and unshare)',
  async () => {
    const folder = await mkdtemp(join(scenario.folder, 'disk-'));
    await mkdir(join(folder, 'disk'));
    const simulator = await startJaoSimulator({ nowMs: simulatedNowMs });
    const backfill = ['backfill', '--from', '2026-05-15', '--to', '2026-06-28', '--format', 'json'];
    try {
      // A small file system in a name space of its own, which goes with its last process.
      const ended = await startApp([...backfill, '--database-wait', '5s'], {
        cwd: folder,
        env: {
          ...environmentOf(scenario, simulator, ''),
          SLUICE_HOME: join(folder, 'disk', 'home'),
        },
        codeCache: scenario.codeCache,
        shell: `exec unshare -m sh -euc '
          mount -t tmpfs -o size=${String(smallMib)}m tmpfs disk
          "$@" > full-stdout 2> full-stderr || echo $? > full-exit-code
          mount -o remount,size=${String(roomyMib)}m disk
          "$@" > stdout 2> stderr || echo $? > exit-code
          ' sh "$@"`,
      }).ended;
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      const said = await wordsIn(join(folder, 'full-stderr'));
      expect(said.at(-1)).toMatch(/No space left on device|make room/);
      expect(said.at(-1)).toMatch(/^jao-scraper: (?:Postgres at|run the embedded Postgres)/);
      const exitCode = Number(await readFile(join(folder, 'full-exit-code'), 'utf8'));
      expect([exitCodes.failed, exitCodes.unavailable]).toContain(exitCode);
      expect(await wordsIn(join(folder, 'stderr'))).toEqual([]);
      expect(JSON.parse(await readFile(join(folder, 'stdout'), 'utf8'))).toMatchObject({
        outcome: 'succeeded',
        datasets: [{ days: { requested: 45, failed: 0 } }],
      });
    } finally {
      await simulator.close();
    }
  },
  timeoutMs,
);

async function wordsIn(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('{'));
}

/** The app's own Postgres runs under another account, which only a real root can give it. */
function canMount(): boolean {
  return (
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
  );
}
