import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import { Option } from 'commander';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of the commands that read, by command. */
export const readingExamples: Readonly<Record<string, readonly string[]>> = {
  coverage: [
    'coverage --from 2026-03-01 --to 2026-03-31 --summary',
    'coverage --state not_collected not_provided --format csv',
    'coverage --from 2026-03-01 --completeness --format csv',
    'coverage --key border_AT_DE --as-of 2026-03-15T09:00:00Z',
  ],
  revisions: [
    'revisions --since 2026-03-15T00:00:00Z',
    'revisions --key border_AT_DE --from 2026-03-01 --to 2026-03-31 --format csv',
  ],
  profile: [
    'profile --from 2026-03-01 --to 2026-03-31',
    'profile --dataset core/maxExchanges core/netPos --suggest',
  ],
  export: [
    'export --from 2026-03-01 --to 2026-03-31 --wide --out march.csv',
    'export --key border_AT_DE --as-of 2026-03-15T09:00:00Z --format json',
    'export --from 2022-06-09 --out all.parquet',
  ],
  report: [
    'report --out report.html',
    'report --dataset core/maxExchanges core/netPos --from 2026-03-01 --to 2026-03-31 --out march.html',
  ],
};

/** Defines the commands that read what was collected. */
export function defineReadingCommands(program: Command, action: Action<Config>): void {
  defineCoverage(program, action);
  defineRevisions(program, action);
  defineExport(program, action);
  defineReport(program, action);
  defineProfile(program, action);
}

function defineProfile(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('profile')
      .description('what the values of a period are, column by column and by groups of keys'),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--suggest', 'also what the values suggest to expect of them, as declarations')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./profile/profile-command.ts')).profileCommand));
}

function defineCoverage(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('coverage')
      .description('which expected cells are in which state; exits with 3 where any is missing'),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--key <key...>', 'of these keys only')
    .option('--state <state...>', 'in these states only')
    .option('--as-of <instant>', 'as it was known then: 2026-03-15T09:00:00Z')
    .option('--summary', 'one row per dataset and state, with the completeness of the dataset')
    .option('--completeness', 'one row per dataset and business day: cells by state, and ratios')
    .addOption(formatOption(formats))
    .action(
      action(async () => (await import('./cell-coverage/coverage-command.ts')).coverageCommand),
    );
}

function defineRevisions(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('revisions')
      .description(
        'what changed after it was first known: from what, to what, and when we learned it',
      ),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--key <key...>', 'of these keys only')
    .option('--since <instant>', 'learned then or later: 2026-03-15T00:00:00Z')
    .option('--until <instant>', 'learned before')
    .option('--from <day>', 'about this business day or later')
    .option('--to <day>', 'about this business day or earlier')
    .addOption(formatOption(formats))
    .action(
      action(async () => (await import('./revisions/revisions-command.ts')).revisionsCommand),
    );
}

function defineExport(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('export')
      .description('the values of a period, as they are known now or were then'),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--key <key...>', 'of these keys only')
    .option('--wide', 'a column for each key, instead of a row for each value')
    .option('--as-of <instant>', 'as it was known then: 2026-03-15T09:00:00Z')
    .addOption(
      new Option(
        '--format <format>',
        'how to write it (default: as the file ends, or csv)',
      ).choices(['csv', 'json', 'parquet']),
    )
    .option('--out <file>', 'where to; - is standard output', '-')
    .option('--overwrite', 'replace a file that is there')
    .action(action(async () => (await import('./export/export-command.ts')).exportCommand));
}

function defineReport(program: Command, action: Action<Config>): void {
  withDatabase(
    program
      .command('report')
      .description('one page of HTML: coverage, runs, checks, revisions, quarantine')
      .requiredOption('--out <file>', 'an .html file; - is standard output'),
  )
    .option('--dataset <region/name...>', 'of what (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--as-of <instant>', 'as it was known then: 2026-03-15T09:00:00Z')
    .option('--overwrite', 'replace a file that is there')
    .action(action(async () => (await import('./report/report-command.ts')).reportCommand));
}
