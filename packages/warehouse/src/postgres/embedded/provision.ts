import { Client } from 'pg';

import { postgresErrorFrom } from '../errors.ts';
import { embeddedRolesSql, roleNames } from '../roles.ts';
import { embeddedHost } from './embedded-server.ts';
import type { EmbeddedServer } from './embedded-server.ts';

/** What an embedded server calls the database. */
export const embeddedDatabase = 'sluice';

/** One number for all who do this, in a cluster that is ours alone. */
const provisionLock = 7_220_315;

/**
 * Creates the roles and the database of an embedded server where they are missing: after it was
 * made, or when a process died on the way. Several may do so at once.
 */
export async function provision(server: EmbeddedServer): Promise<void> {
  const client = new Client({
    host: embeddedHost,
    port: server.port,
    user: 'postgres',
    password: server.passwords.superuser,
    // Nobody may be in the database that a new one is copied from.
    database: 'postgres',
    application_name: 'sluice-provision',
  });
  const doing = `set up the embedded Postgres at ${embeddedHost}:${server.port}`;
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock(${String(provisionLock)})`);
    await client.query(['begin', ...embeddedRolesSql(server.passwords), 'commit'].join('; '));
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      embeddedDatabase,
    ]);
    if (rowCount === 0) {
      await client.query(`create database ${embeddedDatabase} owner ${roleNames.owner}`);
      await client.query(`revoke temporary on database ${embeddedDatabase} from public`);
    }
  } catch (cause) {
    throw postgresErrorFrom(cause, doing);
  } finally {
    await client.end();
  }
}
