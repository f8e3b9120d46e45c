import { say } from '@sluice/command-line';
import {
  compareSchema,
  isCurrent,
  migratePostgres,
  openPostgres,
  opsPostgresMigrations,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase, PostgresRole } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { syncCatalogue } from '../store/catalogue.ts';
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
 * Opens the database with the newest schema, which it is given first where it has an older one.
 *
 * @throws {PostgresError} `DENIED` where the user of the URL may not, with what to do.
 */
export async function openMigrated(
  context: CommandContext,
  options: OpenOptions,
): Promise<PostgresDatabase> {
  const db = await openDatabase(context, options);
  try {
    if (!isCurrent(await compareSchema(db, migrations))) {
      await migrate(context);
    }
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Gives the database the newest schema, and the catalogue of this app. */
export async function migrate(context: CommandContext): Promise<void> {
  const owner = await openDatabase(context, { role: 'owner', poolSize: 2 });
  try {
    await migratePostgres(owner, migrations, { appVersion, signal: context.signal });
    await syncCatalogue(owner);
  } finally {
    await owner.close();
  }
}
