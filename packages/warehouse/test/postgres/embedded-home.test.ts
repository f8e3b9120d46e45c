import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { openPostgres } from '../../src/postgres/index.ts';

async function open(home: string): Promise<unknown> {
  return openPostgres({ home, role: 'owner', applicationName: 'test', poolSize: 1 });
}

test.each(['', 'below', 'below/that'])(
  'a home that is a file fails at once, and says so: file/%s',
  async (rest) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-home-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(open(join(file, rest))).rejects.toMatchObject({
      code: 'EMBEDDED',
      message: expect.stringContaining('a file is where a folder has to be') as string,
    });
  },
);

test.runIf(process.platform === 'linux')(
  'a home where the file system takes no folders fails at once, and does not try for ever',
  async () => {
    await expect(open('/proc/no-such-home')).rejects.toMatchObject({
      code: 'EMBEDDED',
      message: expect.stringMatching(/no folder can be made there|this account may not/) as string,
    });
  },
);
