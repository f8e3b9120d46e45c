import { parse, toClientConfig } from 'pg-connection-string';
import type { ClientConfig } from 'pg';

import { PostgresError, redact } from './errors.ts';

/** Where a database is and how to reach it, as the driver takes it. */
export interface ConnectionTarget {
  readonly config: ClientConfig;
  /** `host:port/database as user`, for messages. */
  readonly label: string;
}

/**
 * Reads a connection URL with the meaning that libpq gives it: `sslmode=verify-full` checks the
 * chain against `sslrootcert`, or else against the authorities that Node knows, and the host's name.
 *
 * @throws {PostgresError} `CONFIGURATION` where it is no such URL, or names a file that is not there.
 */
export function readConnectionUrl(url: string): ConnectionTarget {
  if (!/^postgres(?:ql)?:\/\//i.test(url)) {
    throw new PostgresError(
      'CONFIGURATION',
      'the database URL must begin with postgres:// or postgresql://',
    );
  }
  let config: ClientConfig;
  try {
    config = toClientConfig(parse(url, { useLibpqCompat: true }));
  } catch (cause) {
    const why = cause instanceof Error ? redact(cause.message) : 'it can not be read';
    // No cause: it may hold the URL with its password.
    throw new PostgresError('CONFIGURATION', `the database URL can not be used: ${why}`);
  }
  return { config, label: labelOf(config) };
}

/** What names a target for a person, without its password. */
export function labelOf(config: ClientConfig): string {
  const host = config.host === undefined || config.host === '' ? 'localhost' : config.host;
  return `Postgres at ${host}:${config.port ?? 5432}/${config.database ?? config.user ?? ''}`;
}
