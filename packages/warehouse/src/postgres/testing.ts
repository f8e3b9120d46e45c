import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import { EmbeddedServer } from './embedded/embedded-server.ts';
import { embeddedHost } from './embedded/listen-address.ts';
import type { Passwords } from './embedded/passwords.ts';
import { embeddedDatabase, provision } from './embedded/provision.ts';
import { openPostgres } from './open-postgres.ts';
import type { OpenPostgresOptions } from './open-postgres.ts';
import type { PostgresDatabase, PostgresRole } from './postgres-database.ts';
import { roleNames } from './roles.ts';

export { DatabaseProxy } from './database-proxy.ts';
export type { PieceFate } from './database-proxy.ts';

const folderPrefix = 'sluice-test-postgres-';
const waitMs = 60_000;
const oldAfterMs = 300_000;

/** A server for tests, as plain data: what a test runner hands from its setup to its tests. */
export interface TestServer {
  readonly port: number;
  readonly passwords: Passwords;
}

/** A database of its own for one test. */
export interface TestDatabase {
  readonly name: string;
  /** The URL to connect with in a role, or as the superuser. */
  readonly url: (role: PostgresRole | 'superuser') => string;
}

/** A server that runs, and how to be rid of it. */
export interface StartedTestServer {
  readonly server: TestServer;
  /** Stops it, and removes all it had. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server in a temporary folder, with the roles of Sluice, for as long as the tests run; its
 * writes reach no disk. `binFolder` holds `initdb` and `postgres` of another version than ours.
 */
export async function startTestServer(
  options: { readonly binFolder?: string | undefined } = {},
): Promise<StartedTestServer> {
  await removeLeftServers();
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  // Before 16, Postgres finds itself by paths only.
  await chmod(folder, 0o755);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const embedded = await EmbeddedServer.join({
      folder,
      waitMs,
      binFolder: options.binFolder,
      isThrowaway: true,
    });
    await provision(embedded);
    return {
      server: { port: embedded.port, passwords: embedded.passwords },
      stop: async () => {
        await embedded.leave();
        await remove();
      },
    };
  } catch (cause) {
    await remove();
    throw cause;
  }
}

/**
 * One server for a whole run of tests: the `setup` of a runner that hands `server` to them, and stops it
 * by what this gives back.
 */
export async function provideTestServer(project: {
  readonly provide: (key: 'server', server: TestServer) => void;
}): Promise<() => Promise<void>> {
  const { server, stop } = await startTestServer();
  project.provide('server', server);
  return stop;
}

/** Creates an empty database, which belongs to the owner's role. */
export async function createTestDatabase(server: TestServer): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = (role: PostgresRole | 'superuser', database: string): string => {
    const user = role === 'superuser' ? 'postgres' : roleNames[role];
    return `postgres://${user}:${server.passwords[role]}@${embeddedHost}:${server.port}/${database}`;
  };
  const client = new Client({ connectionString: url('superuser', embeddedDatabase) });
  await client.connect();
  try {
    await client.query(`create database ${name} owner ${roleNames.owner}`);
  } finally {
    await client.end();
  }
  return { name, url: (role) => url(role, name) };
}

/** Opens a database of a test in a role, or as the superuser. */
export function openAs(
  database: TestDatabase,
  role: PostgresRole | 'superuser',
  options: Partial<OpenPostgresOptions> = {},
): Promise<PostgresDatabase> {
  return openPostgres({
    url: database.url(role),
    home: '/nonexistent',
    role: role === 'superuser' ? 'owner' : role,
    applicationName: 'sluice-test',
    poolSize: 4,
    ...options,
  });
}

/**
 * A test run that was killed has left its server running. One that has just begun has not yet said
 * that it is there, and is left alone, as is what belongs to another account.
 */
async function removeLeftServers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (name.startsWith(folderPrefix) && isOld(folder)) {
      if (await EmbeddedServer.stopUnused(folder)) {
        await rm(folder, { recursive: true, force: true });
      }
    }
  }
}

function isOld(folder: string): boolean {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return (
    stats !== undefined &&
    stats.uid === process.getuid?.() &&
    stats.mtimeMs < Date.now() - oldAfterMs
  );
}
