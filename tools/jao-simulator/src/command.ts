import { Command } from 'commander';

const examples = `
Examples:
  The service as it is now, on any free port, whose URL is the first line of the output:
    jao-simulator
  Noon of 20 November 2026, two days in a hundred revised, a fifth of all requests with a fault:
    jao-simulator --now 2026-11-20T12:00:00Z --revision-rate 2% --fault-rate 20%
  The operator's limit, and every day ready to be sent before the URL is printed:
    jao-simulator --rate-limit 100 --precompute core/maxExchanges

While it runs, /_control/ sets the clock, revises days, injects faults and tells what was asked for; see
the README. SIGTERM and SIGINT end it.
`;

/** The command line of `jao-simulator`; `run` gets the flags as they were written. */
export function createCommand(run: (flags: unknown) => Promise<void>): Command {
  return new Command('jao-simulator')
    .description('Simulates the JAO Publication Tool on loopback, with synthetic values.')
    .option('--port <port>', 'port on 127.0.0.1; 0 is any that is free', '0')
    .option('--seed <integer>', 'which values, revisions and random faults', '1')
    .option('--now <instant>', 'where the clock starts, in UTC (default: the real time)')
    .option(
      '--clock-speed <factor>',
      'how fast the clock runs; 0 stands still (default: 0 with --now, else 1)',
    )
    .option('--jitter-minutes <minutes>', 'days come out up to so long after they are due', '10')
    .option('--revision-rate <share>', 'days that are revised within hours of coming out', '0')
    .option('--fault-rate <share>', 'requests that have a fault', '0')
    .option(
      '--fault-kinds <kinds>',
      'which faults: kinds or groups, separated by commas (default: transient ones)',
    )
    .option('--rate-limit <count>', 'requests a minute, and 429 beyond it (default: no limit)')
    .option('--retry-after <form>', 'Retry-After of those: seconds, date, none or absurd')
    .option('--max-window-hours <hours>', 'the longest window of a request', '48')
    .option('--conditional', 'answer with an ETag, and heed If-None-Match')
    .option('--last-modified', 'answer with Last-Modified, and heed If-Modified-Since')
    .option(
      '--precompute <dataset>',
      'build all published days of it first (may be repeated)',
      collect,
    )
    .addHelpText('after', examples)
    .action(run);
}

function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}
