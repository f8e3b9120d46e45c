import { CommandError, say } from '@sluice/command-line';
import {
  compareSchema,
  isCurrent,
  migratePostgres,
  openPostgres,
  opsPostgresMigrations,
  PostgresError,
  roleNames,
  withRetry,
} from '@sluice/warehouse/postgres';
import type {
  PostgresDatabase,
  PostgresRole,
  PostgresSchemaState,
} from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { isCatalogueCurrent, syncCatalogue } from '../store/catalogue.ts';
import { appVersion } from '../version.ts';
import { jaoMigrations } from './jao-schema.ts';

/** Every app migrates `ops` first, then what is its own. */
export const migrations = [opsPostgresMigrations, jaoMigrations];

/** How a command opens the database. */
export interface OpenOptions {
  readonly role: PostgresRole;
  readonly poolSize: number;
  /**
   * Whether people at a terminal are told where our own server is. A log elsewhere has a line of it.
   *
   * @default false
   */
  readonly tellsServer?: boolean | undefined;
}

/**
 * Does `work` on the database as it is, and closes it whatever comes of that.
 *
 * @throws {PostgresError} see `openPostgres`; and what `work` throws.
 */
export async function withOpenDatabase<Result>(
  context: CommandContext,
  options: OpenOptions,
  work: (db: PostgresDatabase) => Promise<Result>,
): Promise<Result> {
  const db = await openDatabase(context, options);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/**
 * Does `work` on the database with the newest schema and catalogue, and closes it whatever comes of that.
 *
 * @throws {CommandError} where the user of the URL may not even look.
 * @throws {PostgresError} `DENIED` where it may not migrate; both say what to do. And what `work` throws.
 */
export async function withMigratedDatabase<Result>(
  context: CommandContext,
  options: OpenOptions,
  work: (db: PostgresDatabase) => Promise<Result>,
): Promise<Result> {
  return withOpenDatabase(context, options, async (db) => {
    await withRetry(() => migrateWhereNeeded(context, db, options.role), {
      retryForMs: context.config.databaseWait,
      signal: context.signal,
      isRepeatable: true,
    });
    return work(db);
  });
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

async function openDatabase(
  context: CommandContext,
  { role, poolSize, tellsServer = false }: OpenOptions,
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
      } else if (tellsServer && context.messages.isTTY) {
        say(
          context,
          `using its own Postgres under ${event.folder} on port ${event.port}; ` +
            'jao-scraper database url says how to connect',
        );
      }
    },
  });
}

async function migrateWhereNeeded(
  context: CommandContext,
  db: PostgresDatabase,
  role: PostgresRole,
): Promise<void> {
  if (!(await isMigrated(db, role))) {
    await migrate(context, db);
  }
}

async function isMigrated(db: PostgresDatabase, role: PostgresRole): Promise<boolean> {
  try {
    const isNewest =
      isCurrent(await compareSchema(db, migrations)) && (await isCatalogueCurrent(db));
    if (isNewest && !(await mayWrite(db))) {
      throw refusalOf(db, role);
    }
    return isNewest;
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code === 'DENIED') {
      throw refusalOf(db, role, cause);
    }
    throw cause;
  }
}

/** Some may see how far the schema has come, and no more. */
async function mayWrite(db: PostgresDatabase): Promise<boolean> {
  const { mayInsert } = await db.row(
    z.object({ mayInsert: z.boolean() }),
    `select has_table_privilege('ops.run', 'insert') as "mayInsert"`,
  );
  return mayInsert;
}

function refusalOf(db: PostgresDatabase, role: PostgresRole, cause?: PostgresError): CommandError {
  return new CommandError(
    `open ${db.label}: this user may not; use the URL of one that is a member of ${roleNames[role]}`,
    { cause },
  );
}
