import { formatOption } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of the commands that go back to the payloads, by command. */
export const checkingExamples: Readonly<Record<string, readonly string[]>> = {
  verify: ['verify', 'verify --dataset core/maxExchanges --from 2026-03-01 --format json'],
  reparse: [
    'reparse --dataset core/maxExchanges --from 2026-03-01 --to 2026-03-31',
    'reparse --format json',
  ],
};

/** Defines the commands that read the stored payloads again. */
export function defineCheckingCommands(program: Command, action: Action<Config>): void {
  withRecorded(
    program
      .command('verify')
      .description(
        'read every stored payload again and compare; exits with 3 where anything differs',
      ),
  ).action(action(async () => (await import('./verify/verify-command.ts')).verifyCommand));
  withRecorded(
    program
      .command('reparse')
      .description(
        'store what the payloads say under the contract of today, without asking the service',
      ),
  ).action(action(async () => (await import('./reparse/reparse-command.ts')).reparseCommand));
}

function withRecorded(command: Command): Command {
  return withDatabase(command)
    .option('--dataset <region/name...>', 'of what (default: all that was ever asked for)')
    .option('--from <day>', 'first business day, included (default: the first on record)')
    .option('--to <day>', 'last business day, included (default: the last on record)')
    .addOption(formatOption(['table', 'json']));
}
