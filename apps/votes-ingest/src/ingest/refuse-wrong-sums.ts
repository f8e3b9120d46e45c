import { WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { findWrongSums } from '../warehouse/run-sums.ts';
import type { LoadedRecords } from './record-loader.ts';
import type { Spool } from './spool.ts';

const defect = 'this is a defect of the program or of the disk, so please report it';

/**
 * Compares what a file's transaction is about to commit with what was counted.
 *
 * @throws {WarehouseError} `INTERNAL` where they differ: then nothing of the file is to be kept.
 */
export async function refuseWrongSums(warehouse: DuckDbWarehouse, fileId: number): Promise<void> {
  const wrong = await findWrongSums(warehouse, [fileId]);
  if (wrong !== undefined) {
    throw new WarehouseError('INTERNAL', `the sums of the file are wrong: ${wrong}; ${defect}`);
  }
}

/**
 * Compares the records that were read with where they wait: in the spool, or as a line that became a row.
 *
 * @throws {WarehouseError} `INTERNAL` where one is missing.
 */
export async function refuseLostRecords(
  warehouse: DuckDbWarehouse,
  { read }: Pick<LoadedRecords, 'read'>,
  spool: Pick<Spool, 'suspects' | 'quarantined'>,
): Promise<void> {
  const stored = await warehouse.row(
    z.object({ lines: z.int(), suspects: z.int(), quarantined: z.int() }),
    `select (select coalesce(sum(line_count), 0)::bigint from spool.accepted_lines) as lines,
            (select count(*) from spool.suspect) as suspects,
            (select count(*) from spool.quarantine) as quarantined`,
  );
  const sum = stored.lines + stored.suspects + stored.quarantined;
  if (
    sum !== read ||
    stored.suspects !== spool.suspects ||
    stored.quarantined !== spool.quarantined
  ) {
    throw new WarehouseError(
      'INTERNAL',
      `${read} records were read, and ${sum} are kept: ${stored.lines} as rows, ` +
        `${stored.suspects} to be compared and ${stored.quarantined} for quarantine; ${defect}`,
    );
  }
}
