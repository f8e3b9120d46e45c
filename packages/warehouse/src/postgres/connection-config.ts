import { readFileSync } from 'node:fs';

import { parse, toClientConfig } from 'pg-connection-string';
import type { ClientConfig } from 'pg';

import { PostgresError, redact } from './errors.ts';

/** Those of libpq that the driver knows; any other it would take for the strictest. */
const sslModes: readonly string[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];
const fileParameters = ['sslrootcert', 'sslcert', 'sslkey'] as const;

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
 * @throws {PostgresError} `CONFIGURATION` where it is no such URL, has another `sslmode` than disable,
 * prefer, require, verify-ca or verify-full, or names a file that can not be read.
 */
export function readConnectionUrl(url: string): ConnectionTarget {
  if (!/^postgres(?:ql)?:\/\//i.test(url)) {
    throw new PostgresError(
      'CONFIGURATION',
      'the database URL must begin with postgres:// or postgresql://',
    );
  }
  const parameters = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1]);
  refuseUnknownSslMode(parameters);
  refuseUnreadFiles(parameters);
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

function refuseUnknownSslMode(parameters: URLSearchParams): void {
  const unknown = parameters.getAll('sslmode').filter((mode) => !sslModes.includes(mode));
  if (unknown.length > 0) {
    throw new PostgresError(
      'CONFIGURATION',
      `the database URL can not be used: sslmode=${unknown.join(', ')} is none of ${sslModes.join(', ')}`,
    );
  }
}

/** The driver reads them too, and does not say which one it could not. */
function refuseUnreadFiles(parameters: URLSearchParams): void {
  for (const name of fileParameters) {
    const path = parameters.get(name) ?? '';
    const problem = path === '' ? undefined : problemOfPem(path);
    if (problem !== undefined) {
      throw new PostgresError(
        'CONFIGURATION',
        `the database URL can not be used: ${name} names ${path}, which ${problem}; it takes the path of a PEM file`,
      );
    }
  }
}

function problemOfPem(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').includes('-----BEGIN ') ? undefined : 'has nothing in PEM';
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    return `can not be read${code}`;
  }
}
