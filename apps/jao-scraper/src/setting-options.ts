import type { Command } from 'commander';

/** The options of every command. */
export function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'settings as one JSON object (default: jao-scraper.config.json)')
    .option('--verbose', 'show the stack of an error, and all that a line of the log has');
}

/** The options of a command that opens the database, besides those of {@link withConfig}. */
export function withDatabase(command: Command): Command {
  return withConfig(command)
    .option('--database-url <url>', 'the Postgres to use (default: one of its own, under --home)')
    .option('--home <folder>', 'where its own Postgres lives (default: .sluice)')
    .option(
      '--database-wait <duration>',
      'wait so long for a database that is away (default: 60s)',
    );
}

/** The options of a command that asks the service, besides those of {@link withDatabase}. */
export function withService(command: Command): Command {
  return withDatabase(command)
    .option('--base-url <origin>', 'the service (default: https://publicationtool.jao.eu)')
    .option(
      '--requests-per-minute <n>',
      'of all processes on one database together; 0 is no limit (default: 80)',
    )
    .option('--contact <e-mail or URL>', 'who to reach about these requests, in the User-Agent')
    .option('--concurrency <n>', 'requests at once (default: 4)');
}
