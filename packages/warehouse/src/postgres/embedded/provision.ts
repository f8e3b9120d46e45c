import { Client } from 'pg';

import { PostgresError, postgresErrorFrom } from '../errors.ts';
import { embeddedRolesSql, reserveTemporarySql, roleNames } from '../roles.ts';
import type { EmbeddedServer } from './embedded-server.ts';
import { embeddedHost } from './listen-address.ts';

/** What an embedded server calls the database. */
export const embeddedDatabase = 'sluice';

/** One number for all who do this, in a cluster that is ours alone. */
const provisionLock = 7_220_315;

/** The one that initdb leaves for people who have none of their own. */
const spareDatabase = 'postgres';

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
    // Locks are a database's, so that all have to come to the same one; this one is always there.
    database: 'template1',
    application_name: 'sluice-provision',
  });
  const doing = `set up the embedded Postgres at ${embeddedHost}:${server.port}`;
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock(${String(provisionLock)})`);
    await client.query(['begin', ...embeddedRolesSql(server.passwords), 'commit'].join('; '));
    await ensureDatabase(client);
  } catch (cause) {
    const error = postgresErrorFrom(cause, doing);
    throw error.code === 'AUTHENTICATION' ? foreignPasswords(server, error) : error;
  } finally {
    await client.end();
  }
}

function foreignPasswords(server: EmbeddedServer, cause: PostgresError): PostgresError {
  return new PostgresError(
    'EMBEDDED',
    `run the embedded Postgres: the passwords in ${server.folder}/passwords.json are not those of ` +
      `${server.folder}/data; restore the file, or move both away to start empty`,
    { cause },
  );
}

/** A new database costs a tenth of a second, another name for one that nobody needs next to nothing. */
async function ensureDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where datname = any($1)',
    [[embeddedDatabase, spareDatabase]],
  );
  const names = rows.map(({ datname }) => datname);
  if (!names.includes(embeddedDatabase)) {
    await client.query(
      names.includes(spareDatabase)
        ? `alter database ${spareDatabase} rename to ${embeddedDatabase}`
        : `create database ${embeddedDatabase} template template0`,
    );
  }
  await client.query(
    `alter database ${embeddedDatabase} owner to ${roleNames.owner};
     ${reserveTemporarySql(embeddedDatabase).join(';\n')};
     comment on database ${embeddedDatabase} is 'Sluice'`,
  );
}
