import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeAll, onTestFinished } from 'vitest';

import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import { createJaoDatabase } from './test-database.ts';
import { openStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

/** A database with the newest schema and the catalogue, open as the owner of its tables. */
export interface OwnedDatabase {
  readonly database: TestDatabase;
  readonly owner: PostgresDatabase;
}

/** Such a database, and who collects into it. */
export interface OwnedStore extends OwnedDatabase {
  readonly store: TestStore;
}

/** Gives all tests of a file one store, which is closed behind the last of them. */
export function useStore(take: (opened: OwnedStore) => void): void {
  beforeAll(async () => {
    const { database, owner } = await createDatabase();
    const store = await openStore(database);
    take({ database, owner, store });
    return async () => {
      await store.close();
      await owner.close();
    };
  });
}

/** Opens a store for the test that runs. */
export async function openOwnedStore(): Promise<OwnedStore> {
  const { database, owner } = await openOwnedDatabase();
  const store = await openStore(database);
  onTestFinished(() => store.close());
  return { database, owner, store };
}

/** Opens a store whose checks are configured so, for the test that runs. */
export async function openStoreWith(database: TestDatabase, settings: unknown): Promise<TestStore> {
  const store = await openStore(database, {}, checkSettingsSchema.parse(settings));
  onTestFinished(() => store.close());
  return store;
}

/** Opens a database for the test that runs. */
export async function openOwnedDatabase(): Promise<OwnedDatabase> {
  const created = await createDatabase();
  onTestFinished(() => created.owner.close());
  return created;
}

async function createDatabase(): Promise<OwnedDatabase> {
  const database = await createJaoDatabase();
  return { database, owner: await openAs(database, 'owner') };
}
