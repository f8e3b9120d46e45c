import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { conflictHelp, withWarehouse } from './setting-options.ts';

/** The examples of the commands about quarantine, by command. */
export const quarantineExamples: Readonly<Record<string, readonly string[]>> = {
  quarantine: [
    'quarantine --reason-code bad_timestamp',
    'quarantine --state all --since 2026-03-01T00:00:00Z --format json',
  ],
  'quarantine show': ['quarantine show 17', 'quarantine show 17 --raw | xxd'],
  'quarantine replay': ['quarantine replay --on-conflict first'],
  'quarantine discard': [
    'quarantine discard 17 18 --reason "test records of the source, see ticket 123"',
    'quarantine discard --all --reason-code bad_timestamp --reason "dates before 1970"',
  ],
  'quarantine release': [
    'quarantine release 17 --reason "a bounty that high is real"',
    'quarantine release --all --check votes.type.known',
  ],
};

/** Defines what can be done with the records that were not loaded. */
export function defineQuarantine(program: Command, action: Action<Config>): void {
  const quarantine = withFilter(
    withWarehouse(
      program
        .command('quarantine')
        .description('the records that were not loaded, with place, raw text and reason'),
    ),
  )
    .option('--state <state...>', 'open, released, discarded, replayed or all (default: open)')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./quarantine/list-command.ts')).quarantineCommand));
  withWarehouse(
    quarantine
      .command('show')
      .description('one entry: its raw bytes, where it stood, why, and what happened to it')
      .argument('<id>', 'as quarantine lists it'),
  )
    .option('--raw', 'its bytes alone, exactly, to standard output')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./quarantine/show-command.ts')).showCommand));
  withFilter(
    withWarehouse(
      quarantine
        .command('replay')
        .description('try the open entries again, after the contract changed'),
    ),
  )
    .option('--on-conflict <policy>', conflictHelp)
    .option('--by <name>', byHelp)
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./quarantine/replay-command.ts')).replayCommand));
  withChoice(
    quarantine.command('discard').description('these records are never to be data; for good'),
  )
    .option('--reason <text>', 'why; it is kept with the entries')
    .action(action(async () => (await import('./quarantine/discard-command.ts')).discardCommand));
  withChoice(
    quarantine
      .command('release')
      .description('let through, as they are, records that a check held back'),
  )
    .option('--reason <text>', 'why; it is kept with the entries (default: let through as it is)')
    .option('--on-conflict <policy>', conflictHelp)
    .action(action(async () => (await import('./quarantine/release-command.ts')).releaseCommand));
}

const byHelp = 'who decides (default: the user of the operating system)';

function withFilter(command: Command): Command {
  return command
    .option('--run <id>', 'only what this run put aside')
    .option('--reason-code <code>', 'only with this reason')
    .option('--check <id>', 'only what this check held back')
    .option('--file <file>', 'only of this file: its path, its name, or its SHA-256')
    .option('--since <instant>', 'only what was put aside since: 2026-03-15T00:00:00Z');
}

function withChoice(command: Command): Command {
  return withFilter(withWarehouse(command.argument('[id...]', 'entries, as quarantine lists them')))
    .option('--all', 'instead of ids: all open entries that the filters choose')
    .option('--by <name>', byHelp)
    .addOption(formatOption(['table', 'json']));
}
