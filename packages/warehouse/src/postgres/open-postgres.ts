import { join } from 'node:path';

import { labelOf, readConnectionUrl } from './connection-config.ts';
import type { ConnectionTarget } from './connection-config.ts';
import { EmbeddedServer } from './embedded/embedded-server.ts';
import { embeddedHost } from './embedded/listen-address.ts';
import { embeddedDatabase, provision } from './embedded/provision.ts';
import { PostgresError } from './errors.ts';
import { PostgresDatabase } from './postgres-database.ts';
import type { PostgresRole } from './postgres-database.ts';
import { roleNames } from './roles.ts';
import { withRetry } from './with-retry.ts';

/** Whatever keeps a connection from being made ends after this. */
const defaultConnectTimeoutMs = 10_000;
const defaultStatementTimeoutMs = 30_000;
const defaultLockTimeoutMs = 2_000;
/** An embedded server that was killed under load reads its log again before it answers. */
const embeddedWaitMs = 60_000;

/** How a database is connected to. */
export interface ConnectionOptions {
  /** Whose rights this process needs: of an embedded server it decides who connects. */
  readonly role: PostgresRole;
  /** What Postgres shows for the connections. */
  readonly applicationName: string;
  /** At most so many connections. */
  readonly poolSize: number;
  /** How long a connection may take to be made, TLS and password included. @default 10,000 */
  readonly connectTimeoutMs?: number | undefined;
  /** @default 30,000 */
  readonly statementTimeoutMs?: number | undefined;
  /** @default 2,000 */
  readonly lockTimeoutMs?: number | undefined;
}

/** How a database is named that need not answer. */
export interface PostgresAtOptions extends ConnectionOptions {
  /** `DATABASE_URL`. */
  readonly url: string;
}

/** How a database is opened. */
export interface OpenPostgresOptions extends ConnectionOptions {
  /** `DATABASE_URL`. Without it the embedded server is used. */
  readonly url?: string | undefined;
  /** `SLUICE_HOME`, which holds the embedded server. */
  readonly home: string;
  /** How long to wait for a database that is away. @default 0 */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what a person may want to know: that a wait has begun, that an embedded server was started. */
  readonly onEvent?: ((event: PostgresEvent) => void) | undefined;
}

/** What happens on the way to a database. */
export type PostgresEvent =
  | { readonly kind: 'waiting'; readonly error: PostgresError }
  | { readonly kind: 'embedded'; readonly folder: string; readonly port: number };

/**
 * Opens the database of `url`, or without one the embedded server under `home`, which it starts or
 * joins; and sees that it answers.
 *
 * @throws {PostgresError} `UNREACHABLE` after the wait, `AUTHENTICATION`, `TLS`, `MISSING_DATABASE`,
 * `CONFIGURATION`, `EMBEDDED`, `CANCELLED`.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresDatabase> {
  const { url } = options;
  const db = url === undefined ? await openEmbedded(options) : postgresAt({ ...options, url });
  try {
    await waitForAnswer(db, options);
    return db;
  } catch (cause) {
    await db.close();
    throw cause;
  }
}

/**
 * The database of `url`, whether it answers or not: whoever asks it finds out, each time anew.
 *
 * @throws {PostgresError} `CONFIGURATION` where the URL can not be used.
 */
export function postgresAt(options: PostgresAtOptions): PostgresDatabase {
  const target = readConnectionUrl(options.url);
  return new PostgresDatabase({
    ...commonParts(options),
    // Of a server that is not ours we know one URL, whatever role is asked for.
    targetOf: () => target,
    url: () => options.url,
    isEmbedded: false,
  });
}

function commonParts(options: ConnectionOptions) {
  return {
    role: options.role,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMs: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    statementTimeoutMs: options.statementTimeoutMs ?? defaultStatementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
  };
}

async function waitForAnswer(db: PostgresDatabase, options: OpenPostgresOptions): Promise<void> {
  let hasTold = false;
  await withRetry(() => db.query('select 1'), {
    retryForMs: options.waitMs ?? 0,
    signal: options.signal,
    isRepeatable: true,
    onRetry: (error) => {
      if (!hasTold) {
        hasTold = true;
        options.onEvent?.({ kind: 'waiting', error });
      }
    },
  });
}

async function openEmbedded(options: OpenPostgresOptions): Promise<PostgresDatabase> {
  const folder = join(options.home, 'postgres');
  const server = await EmbeddedServer.join({
    folder,
    waitMs: Math.max(embeddedWaitMs, options.waitMs ?? 0),
    signal: options.signal,
  });
  try {
    options.onEvent?.({ kind: 'embedded', folder, port: server.port });
    return await openProvisioned(server, options);
  } catch (cause) {
    await server.leave();
    throw cause;
  }
}

/** Roles and database are there all but once: who finds them missing makes them. */
async function openProvisioned(
  server: EmbeddedServer,
  options: OpenPostgresOptions,
): Promise<PostgresDatabase> {
  if (server.hasCreated) {
    await provision(server);
  }
  const db = embeddedDatabaseOf(server, options);
  try {
    await db.query('select 1');
  } catch (cause) {
    const isIncomplete =
      cause instanceof PostgresError &&
      (cause.code === 'AUTHENTICATION' || cause.code === 'MISSING_DATABASE');
    if (!isIncomplete) {
      throw cause;
    }
    await provision(server);
  }
  return db;
}

function embeddedDatabaseOf(
  server: EmbeddedServer,
  options: OpenPostgresOptions,
): PostgresDatabase {
  const targetOf = (role: PostgresRole): ConnectionTarget => {
    const config = {
      host: embeddedHost,
      port: server.port,
      user: roleNames[role],
      password: server.passwords[role],
      database: embeddedDatabase,
    };
    return { config, label: labelOf(config) };
  };
  return new PostgresDatabase({
    ...commonParts(options),
    targetOf,
    url: (role) => connectionUrl(server.port, roleNames[role], server.passwords[role]),
    isEmbedded: true,
    revive: () => server.ensureRunning(),
    leave: () => server.leave(),
  });
}

function connectionUrl(port: number, user: string, password: string): string {
  return `postgres://${user}:${password}@${embeddedHost}:${port}/${embeddedDatabase}`;
}
