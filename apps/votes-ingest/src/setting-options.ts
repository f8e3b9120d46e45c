import type { Command } from 'commander';

/** What `--on-conflict` does, where a command settles records. */
export const conflictHelp = 'which of two different records of one Id stays: last, first, or fail';

/** The options of every command that opens the warehouse. */
export function withWarehouse(command: Command): Command {
  return command
    .option('--warehouse <file>', 'the DuckDB file (default: warehouse.db)')
    .option('--lock-timeout <duration>', 'wait so long for a warehouse that is held (default: 10s)')
    .option('--memory-limit <size>', "DuckDB's memory limit, such as 1GB")
    .option('--threads <n>', "DuckDB's threads")
    .option('--temp-directory <folder>', 'where DuckDB spills (default: beside the warehouse)')
    .option('--config <file>', 'settings as one JSON object (default: votes-ingest.config.json)')
    .option('--verbose', 'show the stack of an error');
}
