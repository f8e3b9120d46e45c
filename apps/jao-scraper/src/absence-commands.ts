import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of `absence`, by command. */
export const absenceExamples: Readonly<Record<string, readonly string[]>> = {
  absence: ['absence list', 'absence withdraw 7 --reason "the source published it after all"'],
  'absence add': [
    'absence add --dataset core/maxExchanges --from 2026-03-29 --to 2026-03-29 --reason "no auction" ' +
      '--evidence "operator\'s notice of 2026-03-20"',
    'absence add --dataset core/maxExchanges --key border_AT_DE --from 2026-03-29T10:00:00Z --to ' +
      '2026-03-29T14:00:00Z --reason maintenance --evidence "ticket 4711"',
  ],
  'absence list': ['absence list', 'absence list --dataset core/maxExchanges --format json'],
  'absence withdraw': ['absence withdraw 7 --reason "the source published it after all"'],
};

/** Defines `absence` and what is below it. */
export function defineAbsenceCommands(program: Command, action: Action<Config>): void {
  const absence = program
    .command('absence')
    .description('what the source is known not to have: record, list, withdraw');
  withDatabase(
    absence
      .command('add')
      .description('record that there is none of some cells, and what says so; they are explained'),
  )
    .requiredOption('--dataset <region/name>', 'of what')
    .option('--key <key...>', 'of these keys only (default: all)')
    .requiredOption('--from <day|instant>', 'from this business day or delivery start on')
    .requiredOption('--to <day|instant>', 'to this business day, included, or before this instant')
    .requiredOption('--reason <text>', 'why there is nothing')
    .requiredOption('--evidence <text>', 'what says so: a notice, an address, a ticket')
    .option('--by <name>', 'who records it (default: this account)')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./absence/absence-command.ts')).absenceAddCommand));
  withDatabase(absence.command('list').description('every absence, withdrawn ones included'))
    .option('--dataset <region/name...>', 'of what (default: all)')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./absence/absence-command.ts')).absenceListCommand));
  withDatabase(
    absence
      .command('withdraw')
      .argument('<id>', 'of the absence; see absence list')
      .description('end an absence that does not hold; that it did stays on record'),
  )
    .requiredOption('--reason <text>', 'why not')
    .option('--by <name>', 'who withdraws it (default: this account)')
    .addOption(formatOption(formats))
    .action(
      action(async () => (await import('./absence/absence-command.ts')).absenceWithdrawCommand),
    );
}
