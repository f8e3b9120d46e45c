import { printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DatabaseStatus } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { withOpenDatabase } from './open-database.ts';
import { readStatus } from './read-status.ts';

/** The options of `database status`. */
export interface StatusOptions {
  readonly format: Format;
}

/** `jao-scraper database status`: what the database is, what it has, and what it lacks. */
export async function statusCommand(
  context: CommandContext,
  { format }: StatusOptions,
): Promise<ExitCode> {
  const status = await withOpenDatabase(context, { role: 'owner', poolSize: 1 }, (db) =>
    readStatus(db, context.config),
  );
  if (format === 'json') {
    printJson(context, status);
  } else {
    printStatus(context, status);
  }
  return exitCodes.done;
}

function printStatus(context: CommandContext, status: DatabaseStatus): void {
  const missing = status.roles.filter(({ isPresent }) => !isPresent).map(({ name }) => name);
  printTable(
    context,
    ['what', 'is'],
    [
      ['database', status.database + (status.isEmbedded ? ', our own' : '')],
      ['user', status.user],
      ['server', `Postgres ${status.serverVersion}`],
      ['TimescaleDB', describeTimescaleDb(status)],
      ['size', megabytes(status.sizeBytes)],
      ['storage', status.storage ?? 'nothing yet'],
      ...schemaLines(status.schema),
      ['roles', missing.length === 0 ? 'all there' : `missing: ${missing.join(', ')}`],
    ],
  );
  if (status.partitions.length > 0) {
    printTable(
      context,
      ['partition', 'from', 'to', 'rows, about', 'size'],
      status.partitions.map(({ name, from, to, rows, sizeBytes }) => [
        name,
        from,
        to,
        rows,
        megabytes(sizeBytes),
      ]),
    );
  }
  if (status.origins !== null && status.origins.length > 0) {
    printTable(
      context,
      ['source', 'requests a minute', 'requests so far', 'paused until', 'because of'],
      status.origins.map(({ origin, requestsPerMinute, requests, pausedUntil, pausedBy }) => [
        origin,
        requestsPerMinute === 0 ? 'no limit' : requestsPerMinute,
        requests,
        pausedUntil,
        describePausing(pausedBy),
      ]),
    );
  }
  if (status.missingRolesSql !== null) {
    context.messages.write(
      `jao-scraper: roles are missing, or readers can make temporary tables; jao-scraper database migrate ` +
        `creates and withholds what it may, and an administrator runs the rest:\n${status.missingRolesSql}\n`,
    );
  }
}

/** What answer asked for a pause, in one phrase. */
function describePausing(
  pausedBy: NonNullable<DatabaseStatus['origins']>[number]['pausedBy'],
): string | null {
  if (pausedBy === null) {
    return null;
  }
  const { dataset, businessDay, httpStatus, retryAfterMs } = pausedBy;
  const what = [dataset, businessDay].filter((part) => part !== null).join(' ');
  return `HTTP ${httpStatus ?? '?'} to ${what}: wait ${Math.ceil(retryAfterMs / 1_000)} s`;
}

/** The version of the extension, or why the database has none: it is too late once there is a table. */
export function describeTimescaleDb({
  timescaleDb,
  isTimescaleDbAvailable,
  storage,
}: Pick<DatabaseStatus, 'timescaleDb' | 'isTimescaleDbAvailable' | 'storage'>): string {
  if (timescaleDb !== null || !isTimescaleDbAvailable) {
    return timescaleDb ?? 'not there';
  }
  return storage === null
    ? 'available, not created: an administrator runs `create extension timescaledb` before the first migration'
    : 'available, not created; the first migration went without it';
}

function schemaLines(schema: DatabaseStatus['schema']): [string, string][] {
  if (schema === null) {
    return [['schema', 'not for this user to see']];
  }
  return schema.map(({ component, applied, newest, pending, isGranted }) => [
    `schema of ${component}`,
    [
      `version ${applied}${applied > newest ? `, of a newer app; this one knows ${newest}` : ` of ${newest}`}`,
      ...(pending.length === 0 ? [] : [`to apply: ${pending.join(', ')}`]),
      ...(isGranted ? [] : ['rights to be granted']),
    ].join('; '),
  ]);
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}
