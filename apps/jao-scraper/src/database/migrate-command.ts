import { CommandError, printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DatabaseMigrateReport } from '@sluice/schemas/jao';
import {
  compareSchema,
  PostgresError,
  roleNames,
  reserveTemporary,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase, PostgresSchemaState } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { migrate, migrations, withOpenDatabase } from './open-database.ts';

/** The options of `database migrate`. */
export interface MigrateOptions {
  readonly format: Format;
}

/** `jao-scraper database migrate`: gives the database the newest schema and catalogue. */
export async function migrateCommand(
  context: CommandContext,
  { format }: MigrateOptions,
): Promise<ExitCode> {
  const report = await withOpenDatabase(context, { role: 'owner', poolSize: 1 }, (db) =>
    migrateAndTell(context, db),
  );
  printReport(context, report, format);
  return exitCodes.done;
}

async function migrateAndTell(
  context: CommandContext,
  db: PostgresDatabase,
): Promise<DatabaseMigrateReport> {
  const before = await readSchema(db);
  const after = await migrate(context, db);
  await reserveTemporary(db);
  return before.map(({ component, applied, pending }) => ({
    component,
    before: applied,
    applied: after.find((state) => state.component === component)?.applied ?? applied,
    migrations: [...pending],
  }));
}

/** A reader may not see how far the schema has come, let alone move it. */
async function readSchema(db: PostgresDatabase): Promise<readonly PostgresSchemaState[]> {
  try {
    return await compareSchema(db, migrations);
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code === 'DENIED') {
      throw new CommandError(
        `migrate ${db.label}: this user may not; use the URL of one that is a member of ${roleNames.owner}`,
        { cause },
      );
    }
    throw cause;
  }
}

function printReport(context: CommandContext, report: DatabaseMigrateReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
  } else {
    printTable(
      context,
      ['component', 'before', 'now', 'applied'],
      report.map(({ component, before, applied, migrations: names }) => [
        component,
        before,
        applied,
        names.join(', '),
      ]),
    );
  }
  if (report.every(({ migrations: names }) => names.length === 0)) {
    say(context, 'the schema was as new as this app before');
  }
}
