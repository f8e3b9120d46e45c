import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { openForReading } from './open-warehouse.ts';
import { warehouseOptions } from './warehouse-options.ts';

/**
 * Does `work` on the warehouse, opened for reading and closed again; a signal stops it. A writer
 * waits as long as this takes, so what can be printed afterwards should be.
 *
 * @throws {WarehouseError} see {@link openForReading}.
 */
export async function readWarehouse<Result>(
  context: CommandContext,
  work: (warehouse: DuckDbWarehouse) => Promise<Result>,
): Promise<Result> {
  const warehouse = await openForReading(warehouseOptions(context));
  try {
    return await warehouse.interruptible(context.signal, () => work(warehouse));
  } finally {
    warehouse.close();
  }
}
