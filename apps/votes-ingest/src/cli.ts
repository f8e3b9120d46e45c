import {
  addExamples,
  createProgram,
  formatOption,
  formats,
  positiveNumber,
  runProgram,
  wholeNumber,
} from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { ExitCode } from '@sluice/schemas';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { conflictHelp, withWarehouse } from './setting-options.ts';
import { defineQuarantine, quarantineExamples } from './quarantine-commands.ts';
import { appVersion } from './version.ts';

const examples: Readonly<Record<string, readonly string[]>> = {
  fetch: [
    'fetch https://example.org/votes.jsonl.gz --to incoming',
    'fetch https://example.org/dump.tar.gz --to incoming --sha256 <hex> --max-unpacked-bytes 5000000000',
  ],
  outliers: ['outliers --chart', 'outliers --format csv > outliers.csv'],
  runs: ['runs --limit 5', 'runs --format json'],
  check: [
    'check',
    'check --check votes.user --keys --format csv > failing.csv',
    'check --history votes.file.rows --limit 50',
  ],
  coverage: [
    'coverage --from 2021-01-01',
    'coverage --as-of 2021-09-04T06:00:00Z --format json',
    'coverage --completeness --format csv > completeness.csv',
  ],
  profile: ['profile', 'profile --suggest', 'profile --suggest --format json'],
  query: ['query "select VoteTypeId, count(*) from blog_analysis.votes group by all" --format csv'],
  export: [
    'export votes --out votes.parquet',
    'export quarantine --out quarantine.csv --overwrite',
  ],
  report: ['report --out report.html', 'report --out report.html --overwrite'],
  ...quarantineExamples,
  verify: ['verify', 'verify --format json'],
  unload: ['unload incoming/votes-2021-09-04.jsonl', 'unload <sha256> --force'],
  backup: ['backup backups/2021-09-04'],
  restore: ['restore backups/2021-09-04 --replace'],
};

/** Runs one command line, and gives what the process exits with. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  return runProgram<Config>({
    define: defineProgram,
    run: async (call) => (await import('./run-command.ts')).runVotesCommand(call),
    argv,
  });
}

/** The command line with all its commands and options, each run by what `action` makes. */
export function defineProgram(action: Action<Config>): Command {
  const program = createProgram({
    name: 'votes-ingest',
    description:
      'Loads files of votes into a DuckDB warehouse, exactly once, and finds outlier weeks.',
    version: appVersion,
  }).addHelpText(
    'after',
    `
Examples:
  votes-ingest ingest votes.jsonl            load a file into ./warehouse.db
  votes-ingest outliers                      weeks that differ from the mean by more than 20 %
  votes-ingest runs                          what ran, and what became of each file
  votes-ingest quarantine --format json      every record that was not loaded, and why

Exit codes: 0 done, 1 failed and nothing changed, 2 wrong usage, 3 done but the data fell short,
4 the warehouse is held or out of reach, 130 and 143 stopped by a signal.`,
  );
  defineIngest(program, action);
  defineReaders(program, action);
  defineKeepers(program, action);
  addExamples(program, examples);
  return program;
}

function defineIngest(program: Command, action: Action<Config>): void {
  withWarehouse(
    program
      .command('ingest')
      .description('load files of votes; a file that was loaded before is a no-op')
      .argument('<file...>', 'files, folders, patterns, or - for standard input'),
  )
    .option('--on-conflict <policy>', conflictHelp)
    .option('--max-quarantined <n|n%>', 'refuse a file with more records in quarantine than this')
    .option('--publish <folder>', 'put a read-only copy of the warehouse there after the run')
    .addOption(formatOption(['table', 'json']))
    .addHelpText(
      'after',
      `
Examples:
  votes-ingest ingest votes.jsonl more/*.jsonl.gz
  zstd -dc dump.xml.zst | votes-ingest ingest -
  votes-ingest ingest incoming/ --max-quarantined 1% --format json`,
    )
    .action(action(async () => (await import('./ingest/ingest-command.ts')).ingestCommand));
  program
    .command('fetch')
    .description('download a data file or a .tar.gz of them')
    .argument('<url>', 'http or https')
    .option('--to <folder>', 'where it goes', '.')
    .option('--sha256 <hex>', 'refuse a file with another hash')
    .option('--max-bytes <n>', 'refuse a larger download (default: 20 GiB)', wholeNumber)
    .option(
      '--max-unpacked-bytes <n>',
      'refuse an archive with more in it (default: 100 GiB)',
      wholeNumber,
    )
    .option('--allow-origin <origin...>', 'origins that redirects may lead to, besides the own one')
    .option('--no-unpack', 'leave an archive as it is')
    .option('--overwrite', 'replace files that exist')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./fetch/fetch-command.ts')).fetchCommand));
}

function defineReaders(program: Command, action: Action<Config>): void {
  withWarehouse(
    program
      .command('outliers')
      .description('the weeks whose votes differ from the mean of all weeks by more than 20 %'),
  )
    .addOption(formatOption(formats))
    .option('--chart', 'also draw all weeks, outliers marked (default: for a table on a terminal)')
    .option('--no-chart', 'draw nothing')
    .action(action(async () => (await import('./outliers/outliers-command.ts')).outliersCommand));
  withWarehouse(
    program
      .command('runs')
      .description('the newest runs, what they refused and what drifted; all their files as JSON'),
  )
    .option('--limit <n>', 'how many', positiveNumber, 20)
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./runs/runs-command.ts')).runsCommand));
  withWarehouse(
    program
      .command('check')
      .description('run the checks of the whole table, and keep what was found'),
  )
    .option('--check <id...>', 'only these, by their ids')
    .option('--keys', 'instead, list all rows that fail, by their keys')
    .option('--history [id]', 'instead, what was found before, newest first')
    .option('--limit <n>', 'of --history, how much of each check', positiveNumber, 20)
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./quality/check-command.ts')).checkCommand));
  withWarehouse(
    program
      .command('coverage')
      .description('days and weeks with votes, gaps, and what is with each expected file'),
  )
    .option('--from <day>', 'not the days before')
    .option('--to <day>', 'not the days after')
    .option('--as-of <instant>', 'what was known then, such as 2026-04-20T06:00:00Z')
    .option('--completeness', 'instead, how complete each day is by its files')
    .addOption(formatOption(formats))
    .action(
      action(async () => (await import('./file-coverage/coverage-command.ts')).coverageCommand),
    );
  withWarehouse(
    program.command('profile').description('columns summarised, weeks covered, gaps, vote types'),
  )
    .option('--suggest', 'also what the votes suggest to expect of them, as declarations')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./profile/profile-command.ts')).profileCommand));
  withWarehouse(
    program
      .command('query')
      .description('run one read-only SQL statement')
      .argument('<sql>', 'for instance "from blog_analysis.votes limit 5"'),
  )
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./query/query-command.ts')).queryCommand));
  withWarehouse(
    program
      .command('export')
      .description('write a relation to a Parquet or CSV file')
      .argument(
        '<relation>',
        'votes, outlier_weeks, vote_types, quarantine, conflicts, runs or files',
      )
      .requiredOption('--out <file>', 'a .parquet or .csv file'),
  )
    .option('--overwrite', 'replace the file if it exists')
    .action(action(async () => (await import('./export/export-command.ts')).exportCommand));
  withWarehouse(
    program
      .command('report')
      .description('one page of HTML: runs, checks, days covered, outlier weeks, quarantine')
      .requiredOption('--out <file>', 'an .html file; - is standard output'),
  )
    .option('--overwrite', 'replace the file if it exists')
    .action(action(async () => (await import('./report/report-command.ts')).reportCommand));
}

function defineKeepers(program: Command, action: Action<Config>): void {
  defineQuarantine(program, action);
  withWarehouse(
    program
      .command('verify')
      .description('count everything again, against the ledger and the status file'),
  )
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./verify/verify-command.ts')).verifyCommand));
  withWarehouse(
    program
      .command('unload')
      .description("take a file's rows out again, on record")
      .argument('<file>', 'the file itself, or its SHA-256'),
  )
    .option('--force', 'also where other files shared records with it')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./unload/unload-command.ts')).unloadCommand));
  withWarehouse(
    program
      .command('backup')
      .description('copy the warehouse, checked, with a manifest')
      .argument('<folder>', 'a new folder'),
  )
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./backup/backup-command.ts')).backupCommand));
  withWarehouse(
    program
      .command('restore')
      .description('put a backup in the place of the warehouse')
      .argument('<folder>', 'what backup made'),
  )
    .option('--replace', 'also where a warehouse exists; it is kept beside as .replaced')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./backup/restore-command.ts')).restoreCommand));
}
