import { metricsViews } from '@sluice/schemas';
import { migratePostgres, opsPostgresMigrations } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { inject } from 'vitest';

/** An empty database on the server of the test run. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createTestDatabase(inject('server'));
}

/** A database with schema `ops`, and its owner. */
export async function createOpsDatabase(): Promise<{
  readonly database: TestDatabase;
  readonly owner: PostgresDatabase;
}> {
  const database = await createEmptyDatabase();
  const owner = await openAs(database, 'owner');
  await migratePostgres(owner, [opsPostgresMigrations], { appVersion: '1.0.0' });
  return { database, owner };
}

/**
 * Gives a database with schema `ops` the views of `jao-scraper`, by their contract: each shows the rows
 * of a table of its columns, `stored_dataset_v1` for `metrics_dataset_v1`.
 */
export async function addAppViews(owner: PostgresDatabase): Promise<void> {
  await owner.transaction(async (tx) => {
    for (const [view, columns] of Object.entries(metricsViews['jao-scraper'])) {
      const table = view.replace(/^metrics_/, 'stored_');
      const listed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
      await tx.script(
        `create table ops.${table} (${listed.join(', ')});
         create view ops.${view} as select * from ops.${table};
         grant select on ops.${view} to sluice_metrics;`,
      );
    }
  });
}
