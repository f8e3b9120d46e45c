import { beforeAll, inject } from 'vitest';

import { migratePostgres, opsPostgresMigrations } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import type { NamedServer } from './global-setup.ts';

/** The servers to run a suite on: each version that the machine has. */
export const servers: readonly NamedServer[] = inject('servers');

/** Ours, which is always there. */
export function embeddedServer(): NamedServer {
  const [first] = servers;
  if (first === undefined) {
    throw new Error('the setup has started no server');
  }
  return first;
}

/** A database that has schema `ops`. */
export async function createOpsDatabase(named: NamedServer): Promise<TestDatabase> {
  const database = await createTestDatabase(named.server);
  const owner = await openAs(database, 'owner');
  await migratePostgres(owner, [opsPostgresMigrations], { appVersion: '1.0.0' });
  await owner.close();
  return database;
}

/** Gives the tests of a suite a worker on a database of their own, which is closed behind the last. */
export function useWorker(named: NamedServer, take: (db: PostgresDatabase) => void): void {
  beforeAll(async () => {
    const db = await openAs(await createOpsDatabase(named), 'worker', { poolSize: 10 });
    take(db);
    return () => db.close();
  });
}
