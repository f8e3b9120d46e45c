import { Command, Option } from 'commander';

import { compressions } from './compress-votes.ts';
import { formats, orders, valueKinds } from './votes-options.ts';

const examples = `
Examples:
  Five million votes, one in a hundred lines bad, and what a loader has to count:
    votes-generator --rows 5M --out votes.jsonl --bad 1% --duplicates 0.5% --totals
  Two files of one stream that share 100 rows:
    votes-generator --rows 1000 --out first.jsonl
    votes-generator --rows 1000 --first-row 900 --out second.jsonl
  The dump's XML, compressed in several members:
    votes-generator --rows 1M --format xml --compress gzip --member-size 16MiB --out votes.xml.gz
  To another program, shuffled:
    votes-generator --rows 100k --order random | head

Counts take k, M and G, sizes KiB, MiB and GiB. A share is a part of the rows: 1% or 0.01.
`;

/** The command line of `votes-generator`; `run` gets the flags as they were written. */
export function createCommand(run: (flags: unknown) => Promise<void>): Command {
  return new Command('votes-generator')
    .description('Writes realistic files of votes: the same options give the same bytes.')
    .requiredOption('--rows <count>', 'records in the file')
    .option('--seed <integer>', 'which stream of rows', '1')
    .option('--out <path>', 'the file to write, or - for the standard output', '-')
    .option('--first-row <count>', 'first row of the stream in this file (default: 0)')
    .option('--stream-rows <count>', 'rows from --from to --to (default: 40299, or --rows if more)')
    .option('--first-id <integer>', 'Id of row 0 (default: 1)')
    .option('--from <day>', 'first day (default: 2017-02-28)')
    .option('--to <day>', 'the day after the last (default: 2021-09-05)')
    .addOption(new Option('--order <order>', 'order of the rows').choices(orders))
    .addOption(new Option('--format <format>', 'format of the file').choices(formats))
    .addOption(new Option('--values <kind>', 'how JSON holds integers').choices(valueKinds))
    .option('--duplicates <share>', 'rows that repeat an earlier one byte for byte')
    .option('--conflicts <share>', "rows with an earlier one's Id and another content")
    .option(
      '--bad <share>',
      'rows that break the contract, of every kind but too_long;\nor of one kind: not_json=0.1% (may be repeated)',
      collect,
    )
    .option('--bad-at-end', 'one more record at the end, cut in its middle')
    .option('--unknown-types <share>', 'rows with a VoteTypeId that is not documented')
    .option('--unknown-fields <share>', 'rows with a field that is not known')
    .option('--blank-lines <share>', 'rows with a blank line before them')
    .option('--crlf', 'end lines with CR LF')
    .option('--bom', 'begin with a byte order mark')
    .option('--no-final-newline', 'do not end the last line')
    .addOption(new Option('--compress <compression>', 'compress the file').choices(compressions))
    .option('--member-size <size>', 'begin a gzip member or zstd frame after so many bytes')
    .option('--totals', 'print what a loader has to count as JSON on the standard error')
    .addHelpText('after', examples)
    .action(run);
}

function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}
