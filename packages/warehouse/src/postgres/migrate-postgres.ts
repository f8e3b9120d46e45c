import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

import { PostgresError } from './errors.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import type { PostgresTransaction, Queryable } from './postgres-transaction.ts';
import { ensureRoles, roleNames } from './roles.ts';
import { withRetry } from './with-retry.ts';

/** Numbered SQL files of one component: `0001-create-ops.sql` and so on, applied in that order. */
export interface PostgresMigrations {
  /** `ops`, or the app whose tables these are. */
  readonly component: string;
  readonly folder: URL;
  /** SQL that grants its tables to the roles: run after its files, and whenever it has changed. */
  readonly grants: string;
}

/** How a migration is run. */
export interface MigrateOptions {
  /** Noted with each file. */
  readonly appVersion: string;
  /** How long locks that others hold are waited for, in short tries. @default 60,000 */
  readonly retryForMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before each further try. */
  readonly onRetry?: ((error: PostgresError, delayMs: number) => void) | undefined;
}

/** How far a database's schema has come, for one component. */
export interface PostgresSchemaState {
  readonly component: string;
  /** The highest version that was applied; 0 where none was. */
  readonly applied: number;
  /** The highest version that this program knows. A database that is ahead of it works with it. */
  readonly newest: number;
  /** What this program knows and the database lacks, by name. */
  readonly pending: readonly string[];
  /** What was applied with other content than this program knows, by name. */
  readonly changed: readonly string[];
  /** Whether the grants are those of this program, or of one that is ahead of it. */
  readonly isGranted: boolean;
}

const fileNamePattern = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** The grants are noted like a file, under the number that no file has. */
const grantsVersion = 0;
const defaultRetryForMs = 60_000;
/** A statement that builds an index takes its time; a lock is waited for shortly, and then again. */
const statementTimeoutMs = 600_000;
const lockTimeoutMs = 2_000;
/** Any number, as long as nobody else in the database takes it: "sluice" on a telephone. */
const migrationLock = 758_423;

const appliedSchema = z.object({
  component: z.string(),
  version: z.int(),
  checksum: z.string(),
});

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Component extends PostgresMigrations {
  readonly migrations: readonly Migration[];
  readonly grantsChecksum: string;
}

type Applied = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** Compares a database with what this program knows, in one query that waits for nobody. */
export async function compareSchema(
  db: Queryable,
  sources: readonly PostgresMigrations[],
): Promise<PostgresSchemaState[]> {
  const components = await Promise.all(sources.map(readComponent));
  const applied = await readApplied(db).catch((cause: unknown) => {
    if (cause instanceof PostgresError && cause.code === 'MISSING_SCHEMA') {
      return new Map<string, Map<number, string>>();
    }
    throw cause;
  });
  return components.map((component) => compareComponent(component, applied));
}

/** Whether a program can work with a database as it is. */
export function isCurrent(states: readonly PostgresSchemaState[]): boolean {
  return states.every(
    ({ pending, changed, isGranted }) => pending.length === 0 && changed.length === 0 && isGranted,
  );
}

/**
 * Brings a database to the newest schema that this program knows: all files of all components in
 * one transaction, by whoever comes first, while others wait. Forward only; a database that is
 * ahead of this program is left as it is.
 *
 * @throws {PostgresError} `MIGRATION` where a file that was applied has changed since; `DENIED` where
 * the connected user may not, with what to do; `LOCK_TIMEOUT` after the deadline.
 */
export async function migratePostgres(
  db: PostgresDatabase,
  sources: readonly PostgresMigrations[],
  options: MigrateOptions,
): Promise<PostgresSchemaState[]> {
  const before = await compareSchema(db, sources);
  refuseChanged(db, before);
  if (isCurrent(before)) {
    return before;
  }
  const components = await Promise.all(sources.map(readComponent));
  return withRetry(
    async () => {
      await ensureRoles(db);
      await db.transaction((tx) => migrateInTransaction(db, tx, components, options.appVersion), {
        statementTimeoutMs,
        lockTimeoutMs,
      });
      return compareSchema(db, sources);
    },
    {
      retryForMs: options.retryForMs ?? defaultRetryForMs,
      signal: options.signal,
      onRetry: options.onRetry,
      // What was committed is found applied.
      isRepeatable: true,
    },
  );
}

function compareComponent(component: Component, applied: Applied): PostgresSchemaState {
  const known = applied.get(component.component) ?? new Map<number, string>();
  const newest = component.migrations.at(-1)?.version ?? 0;
  const highest = Math.max(0, ...known.keys());
  const names = (isOf: (appliedChecksum: string | undefined, checksum: string) => boolean) =>
    component.migrations
      .filter(({ version, checksum }) => isOf(known.get(version), checksum))
      .map(({ name }) => name);
  return {
    component: component.component,
    applied: highest,
    newest,
    pending: names((appliedChecksum) => appliedChecksum === undefined),
    changed: names(
      (appliedChecksum, checksum) => appliedChecksum !== undefined && appliedChecksum !== checksum,
    ),
    isGranted: highest > newest || known.get(grantsVersion) === component.grantsChecksum,
  };
}

function refuseChanged(db: PostgresDatabase, states: readonly PostgresSchemaState[]): void {
  const changed = states.flatMap((state) =>
    state.changed.map((name) => `${state.component} ${name}`),
  );
  if (changed.length > 0) {
    throw new PostgresError(
      'MIGRATION',
      `migrate ${db.label}: ${changed.join(', ')} was applied with other content; ` +
        'a migration is never changed, write a new one',
    );
  }
}

async function migrateInTransaction(
  db: PostgresDatabase,
  tx: PostgresTransaction,
  components: readonly Component[],
  appVersion: string,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [migrationLock]);
  await actAsOwner(db, tx);
  await tx.script(
    `create schema if not exists ops;
     create table if not exists ops.migration (
       component text not null,
       version integer not null,
       name text not null,
       checksum text not null,
       applied_at timestamptz not null default clock_timestamp(),
       app_version text not null,
       primary key (component, version)
     );
     comment on table ops.migration is
       'One row per file that was applied, and per component one, version 0, for its grants.';`,
  );
  const applied = await readApplied(tx);
  for (const component of components) {
    const state = compareComponent(component, applied);
    refuseChanged(db, [state]);
    if (state.pending.length > 0) {
      await applyPending(tx, component, applied, appVersion);
    }
    if (state.applied <= state.newest) {
      await tx.script(component.grants);
      await note(tx, component.component, appVersion, {
        version: grantsVersion,
        name: 'grants',
        checksum: component.grantsChecksum,
      });
    }
  }
}

/** What is created belongs to the role, whoever connected: so that the next one may change it. */
async function actAsOwner(db: PostgresDatabase, tx: PostgresTransaction): Promise<void> {
  const { user, database, isMember, mayCreate, ownerMayCreate } = await tx.row(
    z.object({
      user: z.string(),
      database: z.string(),
      isMember: z.boolean(),
      mayCreate: z.boolean(),
      ownerMayCreate: z.boolean(),
    }),
    `select current_user as "user", current_database() as database,
            pg_has_role($1, 'member') as "isMember",
            has_database_privilege(current_database(), 'create') as "mayCreate",
            has_database_privilege($1, current_database(), 'create') as "ownerMayCreate"`,
    [roleNames.owner],
  );
  if (isMember && mayCreate && !ownerMayCreate) {
    await tx.script(`do $grant$ begin
      execute format('grant create on database %I to ${roleNames.owner}', current_database());
      exception when insufficient_privilege then null; end $grant$`);
  }
  if (!isMember) {
    throw new PostgresError(
      'DENIED',
      `migrate ${db.label}: ${user} is no member of ${roleNames.owner}; migrate with the URL of one ` +
        `that is, or have an administrator run: grant ${roleNames.owner} to "${user}"; ` +
        `grant create on database "${database}" to ${roleNames.owner};`,
    );
  }
  await tx.script(`set local role ${roleNames.owner}`);
}

async function applyPending(
  tx: PostgresTransaction,
  component: Component,
  applied: Applied,
  appVersion: string,
): Promise<void> {
  // It takes as long to load as all else here, and most starts have nothing to apply.
  const { Umzug } = await import('umzug');
  const known = applied.get(component.component);
  const byName = new Map(component.migrations.map((migration) => [migration.name, migration]));
  const umzug = new Umzug({
    migrations: component.migrations.map(({ name, sql }) => ({
      name,
      up: () => tx.script(sql),
    })),
    storage: {
      executed: () =>
        Promise.resolve(
          component.migrations.filter(({ version }) => known?.has(version)).map(({ name }) => name),
        ),
      logMigration: async ({ name }) => {
        const migration = byName.get(name);
        if (migration !== undefined) {
          await note(tx, component.component, appVersion, migration);
        }
      },
      unlogMigration: () => Promise.reject(new TypeError('migrations go forward only')),
    },
    logger: undefined,
  });
  try {
    await umzug.up();
  } catch (cause) {
    // Umzug wraps what went wrong.
    throw cause instanceof Error && cause.cause instanceof PostgresError ? cause.cause : cause;
  }
}

async function note(
  tx: PostgresTransaction,
  component: string,
  appVersion: string,
  { version, name, checksum }: Omit<Migration, 'sql'>,
): Promise<void> {
  await tx.run(
    `insert into ops.migration (component, version, name, checksum, app_version)
     values ($1, $2, $3, $4, $5)
     on conflict (component, version)
     do update set checksum = excluded.checksum, applied_at = clock_timestamp(),
                   app_version = excluded.app_version`,
    [component, version, name, checksum, appVersion],
  );
}

/** What was applied: of each component the checksum of each version. */
async function readApplied(db: Queryable): Promise<Applied> {
  const rows = await db.rows(
    appliedSchema,
    'select component, version, checksum from ops.migration',
  );
  const applied = new Map<string, Map<number, string>>();
  for (const { component, version, checksum } of rows) {
    const known = applied.get(component) ?? new Map<number, string>();
    applied.set(component, known.set(version, checksum));
  }
  return applied;
}

async function readComponent(source: PostgresMigrations): Promise<Component> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(source.folder)).sort()) {
    const version = Number(fileNamePattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(version)) {
      throw new TypeError(
        `${source.component}: ${name} is no migration's name, such as 0001-create-ops.sql`,
      );
    }
    const before = migrations.at(-1);
    if (before?.version === version) {
      throw new TypeError(`${source.component}: ${before.name} and ${name} have one number`);
    }
    const sql = await readFile(new URL(name, source.folder), 'utf8');
    migrations.push({ version, name, sql, checksum: checksumOf(sql) });
  }
  return { ...source, migrations, grantsChecksum: checksumOf(source.grants) };
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
