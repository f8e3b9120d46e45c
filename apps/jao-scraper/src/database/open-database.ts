import { say } from '@sluice/command-line';
import {
  compareSchema,
  isCurrent,
  migratePostgres,
  openPostgres,
  opsPostgresMigrations,
  withRetry,
} from '@sluice/warehouse/postgres';
import type {
  PostgresDatabase,
  PostgresRole,
  PostgresSchemaState,
} from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { isCatalogueCurrent, syncCatalogue } from '../store/catalogue.ts';
import { appVersion } from '../version.ts';
import { jaoMigrations } from './jao-schema.ts';

/** Every app migrates `ops` first, then what is its own. */
export const migrations = [opsPostgresMigrations, jaoMigrations];

/** How a command opens the database. */
export interface OpenOptions {
  readonly role: PostgresRole;
  /** @default 4 */
  readonly poolSize?: number | undefined;
}

/**
 * Opens the database as it is.
 *
 * @throws {PostgresError} see `openPostgres`.
 */
export async function openDatabase(
  context: CommandContext,
  { role, poolSize = 4 }: OpenOptions,
): Promise<PostgresDatabase> {
  const { config } = context;
  return openPostgres({
    url: config.databaseUrl,
    home: config.home,
    role,
    applicationName: 'sluice-jao-scraper',
    poolSize,
    waitMs: config.databaseWait,
    signal: context.signal,
    onEvent: (event) => {
      if (event.kind === 'waiting') {
        say(context, `waiting for the database: ${event.error.message}`);
      }
    },
  });
}

/**
 * Opens the database with the newest schema and catalogue, which it is given first where it has older
 * ones.
 *
 * @throws {PostgresError} `DENIED` where the user of the URL may not, with what to do.
 */
export async function openMigrated(
  context: CommandContext,
  options: OpenOptions,
): Promise<PostgresDatabase> {
  const db = await openDatabase(context, options);
  try {
    await withRetry(() => migrateWhereNeeded(context, db), {
      deadlineMs: context.config.databaseWait,
      signal: context.signal,
      isRepeatable: true,
    });
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function migrateWhereNeeded(context: CommandContext, db: PostgresDatabase): Promise<void> {
  const isReady = isCurrent(await compareSchema(db, migrations)) && (await isCatalogueCurrent(db));
  if (!isReady) {
    await migrate(context, db);
  }
}

/** Gives a database the newest schema, and the catalogue of this app; as its owner, where it is embedded. */
export async function migrate(
  { signal }: Pick<CommandContext, 'signal'>,
  db: PostgresDatabase,
): Promise<readonly PostgresSchemaState[]> {
  return db.withRole('owner', async (owner) => {
    const states = await migratePostgres(owner, migrations, { appVersion, signal });
    await syncCatalogue(owner);
    return states;
  });
}
