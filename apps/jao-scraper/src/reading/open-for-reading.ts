import { CommandError } from '@sluice/command-line';
import { PostgresError } from '@sluice/warehouse/postgres';
import type {
  PostgresDatabase,
  PostgresRole,
  PostgresTransaction,
} from '@sluice/warehouse/postgres';
import { readdir } from 'node:fs/promises';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { jaoMigrations } from '../database/jao-schema.ts';
import { withOpenDatabase } from '../database/open-database.ts';

/**
 * How long one result may take to be read to its end, a reader that pauses included: its snapshot
 * keeps the server from clearing up behind it.
 */
const readTimeoutMs = 4 * 3_600_000;

/**
 * Gives `work` one moment of the database, with the rights of a reader unless others are named, and
 * closes it afterwards. The moment can not be written to, whatever the rights.
 *
 * @throws {CommandError} where the database's schema is older than this app's.
 * @throws {PostgresError} see `withOpenDatabase`; and what `work` throws.
 */
export async function readDatabase<Result>(
  context: CommandContext,
  work: (tx: PostgresTransaction) => Promise<Result>,
  role: PostgresRole = 'reader',
): Promise<Result> {
  return withOpenDatabase(context, { role, poolSize: 1 }, async (db) => {
    await refuseOlderSchema(db);
    return db.read(work, { statementTimeoutMs: readTimeoutMs });
  });
}

async function refuseOlderSchema(db: PostgresDatabase): Promise<void> {
  const files = await readdir(jaoMigrations.folder);
  const newest = Math.max(...files.map((name) => Number.parseInt(name, 10)));
  const applied = await readAppliedVersion(db);
  if (applied < newest) {
    const has = applied === 0 ? 'no schema jao yet' : `version ${applied} of schema jao`;
    throw new CommandError(
      `${db.label} has ${has}, and this app reads version ${newest}; run jao-scraper database migrate`,
    );
  }
}

async function readAppliedVersion(db: PostgresDatabase): Promise<number> {
  try {
    const { version } = await db.row(
      z.object({ version: z.int() }),
      'select coalesce(max(version), 0) as version from jao.migration where component = $1',
      [jaoMigrations.component],
    );
    return version;
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code === 'MISSING_SCHEMA') {
      return 0;
    }
    throw cause;
  }
}
