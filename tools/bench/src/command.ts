import { Command, Option } from 'commander';

import { formats } from './bench-options.ts';

/** What one benchmark's command line is made of. */
export interface BenchCommand {
  readonly caseIds: readonly string[];
  /** Gets the flags as they were written. */
  readonly run: (flags: unknown) => Promise<void>;
}

const exitCodes = `
Figures go to the standard output, progress to the standard error. What was built is measured:
after a change, npm run build.

Exit codes: 0 measured, whether within the limits or not; 1 a case failed: a process did, or the two
sides did not do the same; 2 wrong usage; 130 and 143 stopped by a signal.`;

/** The command line of `bench`. */
export function createCommand({
  votes,
  jao,
}: {
  readonly votes: BenchCommand;
  readonly jao: BenchCommand;
}): Command {
  const program = new Command('bench').description(
    'Paired benchmarks: two ways of doing the same work, as whole processes in turns.',
  );
  const votesCommand = program
    .command('votes')
    .description('votes-ingest beside bare DuckDB, and beside itself')
    .option('--rows <count>', 'rows of the input (default: 5M; for growth 10M)')
    .option('--small-rows <count>', 'rows of the smaller input of growth (default: a tenth)');
  addCommon(votesCommand, votes, [
    'votes',
    'votes --only load,again --pairs 5',
    'votes --only growth,growth-random --rows 50M --small-rows 5M --pairs 1',
  ]);
  const jaoCommand = program
    .command('jao')
    .description('jao-scraper, and metrics-exporter, beside bare COPY and bare SQL, and themselves')
    .option('--days <n>', 'business days of the history, the newest ones (default: 1626, all)')
    .option('--versions <count>', 'stored versions that are read from (default: 20M)')
    .option('--cells <count>', 'cells of a year that coverage is told of (default: 26M)')
    .option('--attempts <count>', 'attempts on the ledger that is scraped (default: 100k)');
  addCommon(jaoCommand, jao, [
    'jao',
    'jao --only month,history --days 200',
    'jao --only latest-day,latest-range,as-of --versions 2M --pairs 5',
  ]);
  return program;
}

function addCommon(command: Command, { caseIds, run }: BenchCommand, examples: string[]): void {
  command
    .option('--pairs <n>', 'runs of each side (default: 3)')
    .option('--only <cases>', 'cases to run, separated by commas (default: all)')
    .option('--keep', 'leave the temporary folder, and say where it is')
    .addOption(new Option('--format <format>', 'how to print the results').choices(formats))
    .addHelpText(
      'after',
      `
Cases: ${caseIds.join(', ')}

Examples:
${examples.map((example) => `  npm run bench -- ${example}`).join('\n')}
${exitCodes}`,
    )
    .action(run);
}
