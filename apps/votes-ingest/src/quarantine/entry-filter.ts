import { CommandError } from '@sluice/command-line';
import { exitCodes, quarantineReasons, quarantineReasonSchema } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { EntryFilter } from './open-entries.ts';

/** The options that choose entries, as they were given. */
export interface EntryFilterOptions {
  readonly run?: string;
  readonly reason?: string;
}

/** @throws {CommandError} wrong usage: no run's id, or no reason code. */
export function parseEntryFilter({ run, reason }: EntryFilterOptions): EntryFilter {
  if (run !== undefined && !z.guid().safeParse(run).success) {
    throw new CommandError(
      `--run ${JSON.stringify(run)}: it is no run's id; votes-ingest runs lists them`,
      { exitCode: exitCodes.usage },
    );
  }
  const parsedReason = quarantineReasonSchema.optional().safeParse(reason);
  if (!parsedReason.success) {
    throw new CommandError(
      `--reason ${JSON.stringify(reason)}: there is no such code; ` +
        `there are ${quarantineReasons.join(', ')}`,
      { exitCode: exitCodes.usage },
    );
  }
  return { runId: run, reason: parsedReason.data };
}

/** @throws {CommandError} where the ledger does not have the run, so that no entry can be of it. */
export async function refuseUnknownRun(
  warehouse: DuckDbWarehouse,
  { runId }: EntryFilter,
): Promise<void> {
  if (runId === undefined) {
    return;
  }
  const { runs } = await warehouse.row(
    z.object({ runs: z.int() }),
    'select count(*) as runs from ops.run where run_id = $1::uuid',
    [runId],
  );
  if (runs === 0) {
    throw new CommandError(
      `--run ${runId}: ${warehouse.path} has no such run; votes-ingest runs lists them`,
    );
  }
}
