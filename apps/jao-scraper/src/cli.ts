import {
  addExamples,
  createProgram,
  formatOption,
  formats,
  runProgram,
} from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { ExitCode } from '@sluice/schemas';
import type { Command } from 'commander';

import { absenceExamples, defineAbsenceCommands } from './absence-commands.ts';
import { checkingExamples, defineCheckingCommands } from './checking-commands.ts';
import type { Config } from './config.ts';
import { databaseExamples, defineDatabaseCommands } from './database-commands.ts';
import { defineOutboxCommands, outboxExamples } from './outbox-commands.ts';
import { defineQuarantine, quarantineExamples } from './quarantine-commands.ts';
import { defineReadingCommands, readingExamples } from './reading-commands.ts';
import { withConfig, withService } from './setting-options.ts';
import { appVersion } from './version.ts';

const examples: Readonly<Record<string, readonly string[]>> = {
  datasets: ['datasets', 'datasets core exchanges', 'datasets --format json'],
  watch: [
    'watch',
    'watch --dataset core/maxExchanges core/netPos --listen 0.0.0.0:9465',
    'watch --once',
  ],
  backfill: [
    'backfill --from 2026-03-01 --to 2026-03-31',
    'backfill --dataset core/maxExchanges core/netPos --refetch --format json',
  ],
};

/** Runs one command line, and gives what the process exits with. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  return runProgram<Config>({
    define: defineProgram,
    run: async (call) => (await import('./run-command.ts')).runJaoCommand(call),
    argv,
  });
}

/** The command line with all its commands and options, each run by what `action` makes. */
export function defineProgram(action: Action<Config>): Command {
  const program = createProgram({
    name: 'jao-scraper',
    description:
      'Collects time series from the JAO Publication Tool into Postgres, with every revision kept.',
    version: appVersion,
  }).addHelpText(
    'after',
    `
Examples:
  jao-scraper datasets                       what can be collected

Exit codes: 0 done, 1 failed and nothing changed, 2 wrong usage, 3 done but the data fell short,
4 the database is out of reach, 130 and 143 stopped by a signal.`,
  );
  withConfig(
    program
      .command('datasets')
      .description(
        'the catalogue: what can be collected, in which unit and step, and when it is due',
      )
      .argument('[word...]', 'only what has all of these in its name, unit or description'),
  )
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./datasets/datasets-command.ts')).datasetsCommand));
  withService(
    program
      .command('backfill')
      .description('collect business days; what is finished is not asked for again'),
  )
    .option('--dataset <region/name...>', 'what to collect (default: core/maxExchanges)')
    .option('--from <day>', 'first business day, included (default: a month before --to)')
    .option('--to <day>', 'last business day, included (default: the last published one)')
    .option('--refetch', 'ask for finished days again')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./backfill/backfill-command.ts')).backfillCommand));
  withService(
    program
      .command('watch')
      .description(
        'collect each business day as it is published, and its revisions, until stopped',
      ),
  )
    .option('--dataset <region/name...>', 'what to watch (default: core/maxExchanges)')
    .option('--once', 'do what is due now, and end')
    .option('--poll-every <duration>', 'around the due time, ask so often (default: 30s)')
    .option('--poll-lead <duration>', 'ask from so long before the due time on (default: 1h)')
    .option(
      '--recheck <rungs>',
      'ask published days again: every:until-age (default: 1h:2d,1d:30d)',
    )
    .option('--listen <host:port>', 'serve /livez, /readyz and /metrics (default: 127.0.0.1:9465)')
    .option('--grace-period <duration>', 'stop within this time (default: 25s)')
    .option('--webhook-url <url>', 'deliver events there, signed (default: none are written)')
    .action(action(async () => (await import('./watch/watch-command.ts')).watchCommand));
  defineReadingCommands(program, action);
  defineQuarantine(program, action);
  defineAbsenceCommands(program, action);
  defineCheckingCommands(program, action);
  defineOutboxCommands(program, action);
  defineDatabaseCommands(program, action);
  addExamples(program, {
    ...examples,
    ...readingExamples,
    ...quarantineExamples,
    ...absenceExamples,
    ...checkingExamples,
    ...outboxExamples,
    ...databaseExamples,
  });
  return program;
}
