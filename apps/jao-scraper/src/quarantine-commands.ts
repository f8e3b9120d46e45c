import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of the commands about quarantine, by command. */
export const quarantineExamples: Readonly<Record<string, readonly string[]>> = {
  quarantine: [
    'quarantine --dataset core/maxExchanges --from 2026-03-01',
    'quarantine --state all --reason-code not_a_number --format json',
  ],
  'quarantine show': ['quarantine show 17', 'quarantine show 17 --raw'],
  'quarantine replay': ['quarantine replay --dataset core/maxExchanges --from 2026-03-01'],
  'quarantine discard': [
    'quarantine discard 17 18 --reason "the service gave a text, as its notice of 3 March says"',
    'quarantine discard --all --key border_AT_DE --from 2026-03-01 --reason "see ticket 123"',
  ],
  'quarantine release': [
    'quarantine release 17 --reason "so much was really exchanged, says the notice of 3 March"',
    'quarantine release --all --check cells.value.plausible --from 2026-03-01 --to 2026-03-01',
  ],
};

const byHelp = 'who decides (default: the user of the operating system)';

/** Defines what can be done with the cells and rows that are no data. */
export function defineQuarantine(program: Command, action: Action<Config>): void {
  const quarantine = withFilter(
    withDatabase(
      program
        .command('quarantine')
        .description('the cells and rows that broke their contract, and what was decided'),
    ),
  )
    .option('--state <state...>', 'open, released, discarded, replayed or all (default: open)')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./quarantine/list-command.ts')).quarantineCommand));
  withDatabase(
    quarantine
      .command('show')
      .description('one entry: its raw text, what stood around it, why, and what happened to it')
      .argument('<id>', 'as quarantine lists it'),
  )
    .option('--raw', 'its text alone, exactly as it came, to standard output')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./quarantine/show-command.ts')).showCommand));
  withFilter(
    withDatabase(
      quarantine
        .command('replay')
        .description('read the days of open entries again, after the contract changed'),
    ),
  )
    .option('--by <name>', byHelp)
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./quarantine/replay-command.ts')).replayCommand));
  withChoice(
    quarantine.command('discard').description('these cells are never to be data; for good'),
  )
    .option('--reason <text>', 'why; it is kept with the entries')
    .action(action(async () => (await import('./quarantine/discard-command.ts')).discardCommand));
  withChoice(
    quarantine
      .command('release')
      .description(
        'let through, as they are, cells or whole answers that a check held back; stamped now',
      ),
  )
    .option('--reason <text>', 'why; it is kept with the entries (default: let through as it is)')
    .action(action(async () => (await import('./quarantine/release-command.ts')).releaseCommand));
}

function withChoice(command: Command): Command {
  return withFilter(withDatabase(command.argument('[id...]', 'entries, as quarantine lists them')))
    .option('--all', 'instead of ids: all open entries that the filters choose')
    .option('--by <name>', byHelp)
    .addOption(formatOption(['table', 'json']));
}

function withFilter(command: Command): Command {
  return command
    .option('--dataset <region/name...>', 'only of these (default: all)')
    .option('--from <day>', 'only of this business day or later')
    .option('--to <day>', 'only of this business day or earlier')
    .option('--key <key...>', 'only of these keys')
    .option('--run <id>', 'only what this run put aside')
    .option('--reason-code <code>', 'only with this reason')
    .option('--check <id>', 'only what this check held back')
    .option('--since <instant>', 'only what was put aside since: 2026-03-15T00:00:00Z');
}
