import { CommandError, writeAside } from '@sluice/command-line';
import type { TargetFile } from '@sluice/command-line';
import { quoteLiteral, WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** What to write, and where. */
export interface WriteOptions {
  readonly sql: string;
  readonly kind: 'parquet' | 'csv';
  readonly target: TargetFile;
}

/** What was written. */
export interface Written {
  readonly rowCount: number;
  readonly sizeBytes: number;
}

const copyOptions = {
  parquet: 'format parquet, compression zstd',
  csv: 'format csv, header true',
} as const;

/**
 * Writes the rows of a query to a file, aside first: nobody ever sees half of it.
 *
 * @throws {CommandError} where the folder may not be written, or someone made the file meanwhile.
 * @throws {WarehouseError} of what DuckDB reports.
 */
export async function writeExport(
  warehouse: DuckDbWarehouse,
  { sql, kind, target }: WriteOptions,
): Promise<Written> {
  let rowCount = 0;
  try {
    const sizeBytes = await writeAside(target, async (temporaryPath) => {
      const { Count } = await warehouse.row(
        z.object({ Count: z.int() }),
        `copy (${sql}) to ${quoteLiteral(temporaryPath)} (${copyOptions[kind]}, use_tmp_file false)`,
      );
      rowCount = Count;
    });
    return { rowCount, sizeBytes };
  } catch (cause) {
    // The warehouse is open, so it is the target that is out of reach.
    if (
      cause instanceof WarehouseError &&
      (cause.code === 'READ_ONLY' || cause.code === 'MISSING')
    ) {
      throw new CommandError(`export to ${target.path}: its folder can not be written to`, {
        cause,
      });
    }
    throw cause;
  }
}
