import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import {
  classifyPostgresError,
  PostgresError,
  postgresErrorFrom,
  redact,
} from '../../src/postgres/index.ts';
import { readConnectionUrl } from '../../src/postgres/connection-config.ts';

function serverError(code: string): Error {
  return Object.assign(new Error('said the server'), { code, severity: 'ERROR' });
}

describe('an error of Postgres', () => {
  test.each([
    ['08006', 'CONNECTION_LOST', true],
    ['22P05', 'SQL', false],
    ['23514', 'CONSTRAINT', false],
    ['25006', 'READ_ONLY', false],
    ['28P01', 'AUTHENTICATION', false],
    ['3D000', 'MISSING_DATABASE', false],
    ['40001', 'CONFLICT', true],
    ['40P01', 'CONFLICT', true],
    ['42501', 'DENIED', false],
    ['42601', 'SQL', false],
    ['42P01', 'MISSING_SCHEMA', false],
    ['53100', 'DISK_FULL', false],
    ['53300', 'UNREACHABLE', true],
    ['55P03', 'LOCK_TIMEOUT', true],
    ['57014', 'STATEMENT_TIMEOUT', false],
    ['57P01', 'CONNECTION_LOST', true],
    ['57P02', 'CONNECTION_LOST', true],
    ['57P03', 'UNREACHABLE', true],
    ['XX000', 'INTERNAL', false],
  ])('%s is %s', (sqlState, code, retryable) => {
    expect(postgresErrorFrom(serverError(sqlState), 'x')).toMatchObject({
      code,
      retryable,
      sqlState,
    });
  });

  test.each([
    ['ECONNREFUSED', 'UNREACHABLE'],
    ['ENOTFOUND', 'UNREACHABLE'],
    ['ECONNRESET', 'CONNECTION_LOST'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS'],
    ['EWHATEVER', 'INTERNAL'],
  ])('of the network, %s, is %s', (errno, code) => {
    expect(classifyPostgresError(Object.assign(new Error('x'), { code: errno }))).toBe(code);
  });

  test('of two addresses where nobody listens is unreachable, and names both', () => {
    const refused = ['::1', '127.0.0.1'].map((host) =>
      Object.assign(new Error(`connect ECONNREFUSED ${host}:1`), { code: 'ECONNREFUSED' }),
    );
    const error = postgresErrorFrom(
      Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' }),
      'connect',
    );
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain('::1:1, connect ECONNREFUSED 127.0.0.1:1');
  });

  test('is not wrapped twice', () => {
    const error = new PostgresError('FENCED', 'x');
    expect(postgresErrorFrom(error, 'y')).toBe(error);
  });
});

describe('a password', () => {
  test.each([
    'postgres://user:canary@host:5432/db',
    'could not parse postgresql://user:canary@host/db here',
    'postgres://host/db?user=x&password=canary&sslmode=require',
    'connect host=x password=canary dbname=y',
  ])('is in no message: %s', (text) => {
    expect(redact(text)).not.toContain('canary');
  });

  test.each([
    'http://user:canary@host/db',
    'user:canary@host',
    'postgres://user:canary@host:99999999/db',
    'postgres://user:canary@ho st/db',
    'postgres://user:canary@host/db?sslrootcert=/nonexistent/canary-free.pem',
    'postgres://user:canary@host/db?sslmode=verify-ca',
  ])('is in no message about a URL that can not be used: %s', (url) => {
    let message = '';
    try {
      readConnectionUrl(url);
    } catch (error) {
      expect(error).toMatchObject({ name: 'PostgresError', code: 'CONFIGURATION' });
      expect(error).not.toHaveProperty('cause.input');
      message = String(error instanceof Error ? error.stack : error);
    }
    expect(message.replace('canary-free', '')).not.toContain('canary');
  });
});

describe('a connection URL', () => {
  test.each([
    ['', undefined],
    ['?sslmode=disable', false],
    ['?sslmode=verify-full', {}],
    ['?sslmode=require', { rejectUnauthorized: false }],
  ])('%s means what libpq means', (query, ssl) => {
    expect(readConnectionUrl(`postgres://u:p@h:6000/d${query}`).config.ssl).toEqual(ssl);
  });

  test.each(['bogus', 'allow', 'no-verify', 'VERIFY-FULL', ''])(
    'with sslmode=%s is refused, as the driver would take that for another mode',
    (mode) => {
      expect(() => readConnectionUrl(`postgres://u:canary@h/d?sslmode=${mode}`)).toThrow(
        `the database URL can not be used: sslmode=${mode} is none of disable, prefer, require, verify-ca, verify-full`,
      );
    },
  );

  test.each([
    ['sslrootcert', '/nonexistent/root.pem', 'can not be read (ENOENT)'],
    ['sslcert', tmpdir(), 'can not be read (EISDIR)'],
    ['sslkey', fileURLToPath(import.meta.url), 'has nothing in PEM'],
  ])('says which setting names a file of no use: %s', (name, path, problem) => {
    const query = `sslmode=verify-full&${name}=${encodeURIComponent(path)}`;
    expect(() => readConnectionUrl(`postgres://u:canary@h/d?${query}`)).toThrow(
      `the database URL can not be used: ${name} names ${path}, which ${problem}; it takes the path of a PEM file`,
    );
  });

  test('is named without its password', () => {
    expect(readConnectionUrl('postgres://u:canary@h:6000/d').label).toBe('Postgres at h:6000/d');
  });
});
