import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { setTimeout as delay } from 'node:timers/promises';

import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from './open-database.ts';
import type { UrlOptions } from './url-command.ts';

/** A server that has died is started again this much later. */
const checkEveryMs = 5_000;

/**
 * `jao-scraper database serve`: keeps the app's own server up until it is stopped, for psql and BI
 * tools, and prints what to connect with.
 */
export async function serveCommand(
  context: CommandContext,
  { role }: UrlOptions,
): Promise<ExitCode> {
  if (context.config.databaseUrl !== undefined) {
    throw new CommandError(
      'database serve: DATABASE_URL names a server that runs without us; unset it to serve our own',
      { exitCode: exitCodes.usage },
    );
  }
  await withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    context.output.write(`${db.url(role)}\n`);
    say(context, 'the server runs until this is stopped (Ctrl-C), and as long as others use it');
    while (!context.signal.aborted) {
      await db.query('select 1');
      await delay(checkEveryMs, undefined, { signal: context.signal }).catch(() => undefined);
    }
  });
  return exitCodes.done;
}
