import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of the commands that check what was collected, by command. */
export const checkingExamples: Readonly<Record<string, readonly string[]>> = {
  check: [
    'check --dataset core/maxExchanges --from 2026-03-01 --to 2026-03-31',
    'check --check cells.value.floor --keys --format csv',
    'check --history days.volume --from 2026-03-01',
  ],
  verify: ['verify', 'verify --dataset core/maxExchanges --from 2026-03-01 --format json'],
  reparse: [
    'reparse --dataset core/maxExchanges --from 2026-03-01 --to 2026-03-31',
    'reparse --format json',
  ],
};

/** Defines the commands that check what was collected, or read the stored payloads again. */
export function defineCheckingCommands(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('check')
      .description('what is expected of the data, and whether it holds; exits with 3 where not'),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--check <id...>', 'these checks only')
    .option('--keys', 'print the keys of all failing rows instead')
    .option('--history [id]', 'print what was found before instead, of this check or of all')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./checks/check-command.ts')).checkCommand));
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
