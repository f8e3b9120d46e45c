import { say } from '@sluice/command-line';
import { lstatSync, realpathSync } from 'node:fs';
import { totalmem } from 'node:os';

import type { CommandContext } from '../command-context.ts';
import type { WarehouseOptions } from './open-warehouse.ts';

/** Enough for every statement of this app to be fast; what exceeds it spills to disk. */
const defaultMemoryBytes = 2_000_000_000;
/** What DuckDB would take of the machine's memory, or the container's. */
const defaultMemoryShare = 0.8;

/** How a command reaches its warehouse, by its configuration; says on standard error if it waits. */
export function warehouseOptions(context: CommandContext): WarehouseOptions {
  const { config, signal } = context;
  return {
    path: followLink(config.warehouse),
    lockTimeoutMs: config.lockTimeout,
    memoryLimit: config.memoryLimit ?? defaultMemoryLimit(),
    threads: config.threads,
    temporaryFolder: config.tempDirectory,
    signal,
    onLockWait: (holder) => {
      say(context, `${config.warehouse} is held by ${holder}; waiting for it`);
    },
  };
}

function defaultMemoryLimit(): string {
  // Without a limit of its own the container has the machine's memory, or more than any machine.
  const memoryBytes = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  return `${Math.floor(Math.min(defaultMemoryBytes, memoryBytes * defaultMemoryShare))}B`;
}

/** Under one name the warehouse has one status file and one log, however many links lead to it. */
function followLink(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  try {
    return isLink ? realpathSync(path) : path;
  } catch {
    // A link that leads nowhere is named when the warehouse is opened.
    return path;
  }
}
