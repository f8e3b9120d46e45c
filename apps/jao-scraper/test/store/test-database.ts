import { migratePostgres } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { inject } from 'vitest';

import { migrations } from '../../src/database/open-database.ts';
import { syncCatalogue } from '../../src/store/catalogue.ts';

/** A database with the newest schema and the catalogue. */
export async function createJaoDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase(inject('server'));
  const owner = await openAs(database, 'owner');
  await migratePostgres(owner, migrations, { appVersion: '1.0.0' });
  await syncCatalogue(owner);
  await owner.close();
  return database;
}
