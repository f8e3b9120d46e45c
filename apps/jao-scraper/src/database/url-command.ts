import { say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { roleNames } from '@sluice/warehouse/postgres';
import type { PostgresDatabase, PostgresRole } from '@sluice/warehouse/postgres';
import { once } from 'node:events';
import { connect } from 'node:net';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { openDatabase } from './open-database.ts';

/** The options of `database url`. */
export interface UrlOptions {
  readonly role: PostgresRole;
}

/** `jao-scraper database url`: what to connect with, and on standard error for how long it answers. */
export async function urlCommand(context: CommandContext, { role }: UrlOptions): Promise<ExitCode> {
  const db = await openDatabase(context, { role, poolSize: 1 });
  const url = db.url(role);
  try {
    context.output.write(`${url}\n`);
    if (!db.isEmbedded) {
      await describeUser(context, db, role);
    }
  } finally {
    await db.close();
  }
  if (db.isEmbedded) {
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

/** Of a server that is not ours one URL is known, whatever role was asked for. */
async function describeUser(
  context: CommandContext,
  db: PostgresDatabase,
  role: PostgresRole,
): Promise<void> {
  const { user, roles } = await db.row(
    z.object({ user: z.string(), roles: z.array(z.string()) }),
    `select current_user as "user", array(
       select rolname::text from pg_catalog.pg_roles
       where rolname = any($1::text[]) and pg_has_role(oid, 'member') order by rolname
     ) as roles`,
    [Object.values(roleNames)],
  );
  const rights = roles.length === 0 ? 'no role of Sluice' : roles.join(', ');
  const lacks = roles.includes(roleNames[role]) ? '' : `, which is not ${roleNames[role]}`;
  say(
    context,
    `this is DATABASE_URL: its user ${user} has the rights of ${rights}${lacks}; other users' URLs ` +
      'are not known here, and jao-scraper database grant NAME makes one for a reader',
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
