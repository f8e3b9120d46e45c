import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startTestServer } from '../../src/postgres/testing.ts';
import type { StartedTestServer, TestServer } from '../../src/postgres/testing.ts';

/** A server that the tests run on, by its major version. */
export interface NamedServer {
  readonly label: string;
  readonly server: TestServer;
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: NamedServer[];
  }
}

/** Where Debian puts the versions that it has. */
const systemVersionsFolder = '/usr/lib/postgresql';

/** One server for the whole run of each version there is: ours, and the oldest that we promise. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const oldest = findSystemBinaries();
  const binFolders = [undefined, ...(oldest === undefined ? [] : [oldest])];
  const started: (NamedServer & StartedTestServer)[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map(({ stop }) => stop()));
  };
  try {
    for (const binFolder of binFolders) {
      const label = binFolder ?? 'the embedded version';
      started.push({ label, ...(await startTestServer({ binFolder })) });
    }
  } catch (cause) {
    await stopAll();
    throw cause;
  }
  project.provide(
    'servers',
    started.map(({ label, server }) => ({ label, server })),
  );
  return stopAll;
}

function findSystemBinaries(): string | undefined {
  const chosen = process.env['SLUICE_TEST_POSTGRES_BIN'];
  if (chosen !== undefined) {
    return chosen;
  }
  if (!existsSync(systemVersionsFolder)) {
    return undefined;
  }
  return readdirSync(systemVersionsFolder)
    .filter((name) => Number(name) >= 15)
    .sort()
    .map((name) => join(systemVersionsFolder, name, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}
