import { createProgram, runProgram } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { ExitCode } from '@sluice/schemas';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { appVersion } from './version.ts';

/** Runs one command line, and gives what the process exits with. */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  return runProgram<Config>({
    define: defineProgram,
    run: async (call) => (await import('./run-command.ts')).runExporter(call),
    argv,
  });
}

/** The command line, run by what `action` makes. */
export function defineProgram(action: Action<Config>): Command {
  return createProgram({
    name: 'metrics-exporter',
    description:
      'Tells Prometheus what ran, what is complete, what is late, and whose fault it is.',
    version: appVersion,
  })
    .option('--host <address>', 'where it listens (default: 127.0.0.1)')
    .option('--port <n>', 'where it listens (default: 9464)')
    .option('--database-url <url>', 'the Postgres to read, as the role sluice_metrics')
    .option('--votes-status <file...>', 'status files of votes warehouses: <warehouse>.status.json')
    .option('--job-interval <job=duration...>', 'how often a job is to end well: votes-ingest=24h')
    .option('--max-series <n>', 'tell of so many series of a dataset one by one (default: 500)')
    .option('--max-scrapes <n>', 'answer so many scrapes at once (default: 40)')
    .option('--web.config.file <file>', 'TLS, headers and users, as the exporter-toolkit has them')
    .option(
      '--config <file>',
      'settings as one JSON object (default: metrics-exporter.config.json)',
    )
    .option('--config.check', 'read all settings and files they name, and end')
    .option('--verbose', 'show the stack of an error')
    .addHelpText(
      'after',
      `
Examples:
  metrics-exporter --votes-status warehouse.db.status.json
  DATABASE_URL=postgres://… metrics-exporter --host 0.0.0.0 --web.config.file web.yml
  metrics-exporter --config.check --votes-status warehouse.db.status.json --web.config.file web.yml

SIGHUP reads the web configuration again.

Exit codes: 0 done, 2 wrong usage or configuration, 130 and 143 stopped by a signal.`,
    )
    .action(action(async () => (await import('./serve-command.ts')).serveCommand));
}
