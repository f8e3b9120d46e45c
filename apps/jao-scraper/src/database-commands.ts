import { formatOption } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import { Option } from 'commander';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of `database`, by command. */
export const databaseExamples: Readonly<Record<string, readonly string[]>> = {
  database: ['database url', 'database grant alice', 'database status'],
  'database url': ['database url', 'database url --role owner'],
  'database serve': ['database serve'],
  'database grant': ['database grant alice'],
  'database migrate': ['database migrate', 'database migrate --format json'],
  'database rebuild-coverage': [
    'database rebuild-coverage',
    'database rebuild-coverage --dataset core/maxExchanges --format json',
  ],
  'database status': ['database status', 'database status --format json'],
};

/** Defines `database` and what is below it. */
export function defineDatabaseCommands(program: Command, action: Action<Config>): void {
  const database = program.command('database').description('the database: connect, grant, migrate');
  withDatabase(database.command('url').description('what to connect with, as somebody who reads'))
    .addOption(roleOption())
    .action(action(async () => (await import('./database/url-command.ts')).urlCommand));
  withDatabase(
    database
      .command('serve')
      .description('keep our own Postgres up until stopped, for psql and BI tools'),
  )
    .addOption(roleOption())
    .action(action(async () => (await import('./database/serve-command.ts')).serveCommand));
  withDatabase(
    database
      .command('grant')
      .argument('<name>', 'of the login')
      .description('a login that may only read; for one that is there, a new password'),
  ).action(action(async () => (await import('./database/grant-command.ts')).grantCommand));
  withDatabase(
    database.command('migrate').description('give the database the newest schema and catalogue'),
  )
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./database/migrate-command.ts')).migrateCommand));
  withDatabase(
    database
      .command('rebuild-coverage')
      .description('count again what is kept for coverage, and mend what differs'),
  )
    .option('--dataset <region/name...>', 'of what (default: all)')
    .addOption(formatOption(['table', 'json']))
    .action(
      action(
        async () => (await import('./database/rebuild-coverage-command.ts')).rebuildCoverageCommand,
      ),
    );
  withDatabase(database.command('status').description('what the database is, has and lacks'))
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./database/status-command.ts')).statusCommand));
}

function roleOption(): Option {
  return new Option('--role <role>', 'whose URL, of our own server')
    .choices(['reader', 'owner', 'worker', 'metrics'])
    .default('reader');
}
