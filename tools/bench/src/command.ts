import { Command, Option } from 'commander';

import { formats } from './bench-options.ts';

/** The command line of `bench`; `runVotes` gets the flags as they were written. */
export function createCommand({
  runVotes,
  caseIds,
}: {
  readonly runVotes: (flags: unknown) => Promise<void>;
  readonly caseIds: readonly string[];
}): Command {
  const program = new Command('bench').description(
    'Paired benchmarks: two ways of doing the same work, as whole processes in turns.',
  );
  program
    .command('votes')
    .description('votes-ingest beside bare DuckDB, and beside itself')
    .option('--rows <count>', 'rows of the input (default: 5M; for growth 10M)')
    .option('--small-rows <count>', 'rows of the smaller input of growth (default: a tenth)')
    .option('--pairs <n>', 'runs of each side (default: 3)')
    .option('--only <cases>', 'cases to run, separated by commas (default: all)')
    .option('--keep', 'leave the temporary folder, and say where it is')
    .addOption(new Option('--format <format>', 'how to print the results').choices(formats))
    .addHelpText(
      'after',
      `
Cases: ${caseIds.join(', ')}

Examples:
  npm run bench -- votes
  npm run bench -- votes --only load,again --pairs 5
  npm run bench -- votes --only growth,growth-random --rows 50M --small-rows 5M --pairs 1

Figures go to the standard output, progress to the standard error. What was built is measured:
after a change, npm run build.

Exit codes: 0 measured, whether within the limits or not; 1 a case failed: a process did, or the two
sides did not do the same; 2 wrong usage; 130 and 143 stopped by a signal.`,
    )
    .action(runVotes);
  return program;
}
