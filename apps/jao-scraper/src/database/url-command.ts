import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { roleNames } from '@sluice/warehouse/postgres';
import type { PostgresDatabase, PostgresRole } from '@sluice/warehouse/postgres';
import { once } from 'node:events';
import { connect } from 'node:net';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { withOpenDatabase } from './open-database.ts';

/** The options of `database url`. */
export interface UrlOptions {
  readonly role: PostgresRole;
}

/**
 * `jao-scraper database url`: what to connect with in a role, and on standard error for how long it
 * answers. Of a server that is not the app's own one URL is known, which is given only if its user has
 * that role and no more: a trader's tool is not to write.
 */
export async function urlCommand(context: CommandContext, { role }: UrlOptions): Promise<ExitCode> {
  const { url, isEmbedded } = await withOpenDatabase(context, { role, poolSize: 1 }, async (db) => {
    if (!db.isEmbedded) {
      await refuseOtherUser(db, role);
    }
    return { url: db.url(role), isEmbedded: db.isEmbedded };
  });
  context.output.write(`${url}\n`);
  if (isEmbedded) {
    await sayHowLong(context, url);
  }
  return exitCodes.done;
}

/** Says for how long the app's own server answers, now that this process has left it. */
export async function sayHowLong(context: CommandContext, url: string): Promise<void> {
  say(
    context,
    (await isAnswering(url))
      ? 'another process uses this server, which stops with the last one that does; ' +
          'jao-scraper database serve keeps it up'
      : 'nobody uses this server now, so it has stopped again; the URL answers while watch, backfill or ' +
          'jao-scraper database serve runs',
  );
}

/** From the most to the least that each may do. */
const rolesByRights: readonly PostgresRole[] = ['owner', 'worker', 'metrics', 'reader'];

async function refuseOtherUser(db: PostgresDatabase, role: PostgresRole): Promise<void> {
  const { user, isSuperuser, roles } = await db.row(
    z.object({ user: z.string(), isSuperuser: z.boolean(), roles: z.array(z.string()) }),
    `select current_user as "user",
       (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as "isSuperuser",
       array(
         select rolname::text from pg_catalog.pg_roles
         where rolname = any($1::text[]) and pg_has_role(oid, 'member')
       ) as roles`,
    [Object.values(roleNames)],
  );
  const highest = isSuperuser
    ? 'owner'
    : rolesByRights.find((candidate) => roles.includes(roleNames[candidate]));
  if (highest === role) {
    return;
  }
  const rights = isSuperuser
    ? 'a superuser'
    : highest === undefined
      ? 'in no role of Sluice'
      : `in the role ${highest}`;
  throw new CommandError(
    `url: the user of DATABASE_URL, ${user}, is ${rights}, not in the role ${role}; other users' URLs are ` +
      'not known here, and jao-scraper database grant NAME makes one for a reader',
    { exitCode: exitCodes.usage },
  );
}

async function isAnswering(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused: there is nobody.
    return false;
  } finally {
    socket.destroy();
  }
}
