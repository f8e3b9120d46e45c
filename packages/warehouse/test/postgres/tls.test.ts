import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { servers } from './databases.ts';

const hasOpenssl = isThere('openssl');

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(hasOpenssl).each(servers)('a connection by TLS on $label', (named) => {
  let folder: string;
  let database: TestDatabase;
  let superuser: PostgresDatabase;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
    await chmod(folder, 0o755);
    database = await createTestDatabase(named.server);
    superuser = await openAs(database, 'superuser');
    makeCertificate();
    const { dataFolder } = await superuser.row(
      z.object({ dataFolder: z.string() }),
      `select current_setting('data_directory') as "dataFolder"`,
    );
    const { uid, gid } = statSync(dataFolder);
    chownSync(join(folder, 'key.pem'), uid, gid);
    await configure([
      `alter system set ssl_cert_file = '${join(folder, 'cert.pem')}'`,
      `alter system set ssl_key_file = '${join(folder, 'key.pem')}'`,
      'alter system set ssl = on',
    ]);
  });

  afterAll(async () => {
    await configure(
      ['ssl', 'ssl_cert_file', 'ssl_key_file'].map((name) => `alter system reset ${name}`),
    );
    await superuser.close();
    await rm(folder, { recursive: true });
  });

  /** Valid for `localhost` only, signed by itself. */
  function makeCertificate(): void {
    const request = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
    const subject = '-subj /CN=localhost -addext subjectAltName=DNS:localhost';
    execFileSync(
      'openssl',
      ['req', ...`${request} ${subject}`.split(' '), '-keyout', 'key.pem', '-out', 'cert.pem'],
      { cwd: folder, stdio: 'ignore' },
    );
  }

  async function configure(statements: readonly string[]): Promise<void> {
    for (const sql of statements) {
      await superuser.transaction(async (tx) => {
        // ALTER SYSTEM runs in no transaction.
        await tx.end('rollback');
        await tx.script(sql);
        await tx.script('begin');
      });
    }
    await superuser.run('select pg_reload_conf()');
  }

  async function connectBy(host: string, query: string): Promise<unknown> {
    const url = database.url('owner').replace('127.0.0.1', host) + query;
    const db = await openAs({ ...database, url: () => url }, 'owner', { waitMs: 0 });
    try {
      return await db.row(
        z.object({ ssl: z.boolean() }),
        'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
      );
    } finally {
      await db.close();
    }
  }

  /** The server reads its settings a moment after it is told to. */
  async function untilItSpeaksTls(): Promise<void> {
    await expect
      .poll(() => connectBy('127.0.0.1', '?sslmode=require').catch(() => undefined), {
        timeout: 20_000,
      })
      .toEqual({ ssl: true });
  }

  test('checks chain and name when asked for verify-full, and refuses what does not fit', async () => {
    await untilItSpeaksTls();
    const root = `?sslmode=verify-full&sslrootcert=${encodeURIComponent(join(folder, 'cert.pem'))}`;
    expect(await connectBy('localhost', root)).toEqual({ ssl: true });
    await expect(connectBy('127.0.0.1', root)).rejects.toMatchObject({
      code: 'TLS',
      retryable: false,
    });
    await expect(connectBy('localhost', '?sslmode=verify-full')).rejects.toMatchObject({
      code: 'TLS',
    });
    expect(await connectBy('localhost', '?sslmode=disable')).toEqual({ ssl: false });
  });
});
