import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import {
  findMissingRoles,
  grantReader,
  PostgresError,
  roleNames,
  reserveTemporary,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase, ReaderLogin } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { withOpenDatabase } from './open-database.ts';
import { sayHowLong } from './url-command.ts';

/** The options of `database grant`. */
export interface GrantOptions {
  /** The name. */
  readonly args: readonly string[];
}

/**
 * `jao-scraper database grant`: a login that may read schema `jao` and nothing else. Prints its URL,
 * password included, this once; again for the same name gives it a new password.
 */
export async function grantCommand(
  context: CommandContext,
  { args: [name = ''] }: GrantOptions,
): Promise<ExitCode> {
  const { url, isEmbedded } = await withOpenDatabase(
    context,
    { role: 'owner', poolSize: 1 },
    async (db) => {
      await refuseMissingRoles(db);
      const login = await grant(db, name);
      if (!(await reserveTemporary(db))) {
        say(
          context,
          'everybody may make temporary tables in this database, readers too, or its own functions may not: it is ' +
            'not this user who can change that; jao-scraper database status shows what its owner has to run',
        );
      }
      return { url: urlOf(db.url('owner'), login), isEmbedded: db.isEmbedded };
    },
  );
  context.output.write(`${url}\n`);
  say(
    context,
    `${name} may read schema jao, and no other table; the password is kept nowhere: granting again makes ` +
      'a new one, and ends this one',
  );
  if (isEmbedded) {
    await sayHowLong(context, url);
  }
  return exitCodes.done;
}

async function grant(db: PostgresDatabase, name: string): Promise<ReaderLogin> {
  try {
    return await grantReader(db, name);
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code === 'DENIED') {
      throw new CommandError(
        `grant: ${db.label}: this user may not make ${name} a reader; use the URL of one that may create ` +
          `roles, and grant ${roleNames.reader}`,
        { cause },
      );
    }
    throw cause;
  }
}

async function refuseMissingRoles(db: PostgresDatabase): Promise<void> {
  const missing = await findMissingRoles(db);
  if (missing.length > 0) {
    throw new CommandError(
      `grant: ${db.label} lacks the roles ${missing.join(', ')}; run jao-scraper database migrate, which ` +
        'creates them or says who can',
    );
  }
}

/** The same database for another login. A URL of a socket has no place for one but its parameters. */
function urlOf(ownUrl: string, { name, password }: ReaderLogin): string {
  const url = new URL(ownUrl);
  if (url.hostname === '') {
    url.searchParams.set('user', name);
    url.searchParams.set('password', password);
  } else {
    url.searchParams.delete('user');
    url.searchParams.delete('password');
    url.username = name;
    url.password = password;
  }
  return url.href;
}
