import type { CommandContext } from '../command-context.ts';
import { say } from '../output/say.ts';
import type { WarehouseOptions } from './open-warehouse.ts';

/** How a command reaches its warehouse, by its configuration; says on standard error if it waits. */
export function warehouseOptions({ config, messages, signal }: CommandContext): WarehouseOptions {
  return {
    path: config.warehouse,
    lockTimeoutMs: config.lockTimeout,
    memoryLimit: config.memoryLimit,
    threads: config.threads,
    temporaryFolder: config.tempDirectory,
    signal,
    onLockWait: (holder) => {
      say({ messages }, `${config.warehouse} is held by ${holder}; waiting for it`);
    },
  };
}
