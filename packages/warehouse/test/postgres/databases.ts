import { inject } from 'vitest';

import type { PostgresDatabase, PostgresRole } from '../../src/postgres/postgres-database.ts';
import type { OpenPostgresOptions } from '../../src/postgres/open-postgres.ts';
import { migratePostgres, openPostgres, opsPostgresMigrations } from '../../src/postgres/index.ts';
import { createTestDatabase } from '../../src/postgres/testing.ts';
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

/** Opens a database of a test in a role. */
export async function open(
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

/** A database that has schema `ops`. */
export async function createOpsDatabase(named: NamedServer): Promise<TestDatabase> {
  const database = await createTestDatabase(named.server);
  const owner = await open(database, 'owner');
  await migratePostgres(owner, [opsPostgresMigrations], { appVersion: '1.0.0' });
  await owner.close();
  return database;
}
