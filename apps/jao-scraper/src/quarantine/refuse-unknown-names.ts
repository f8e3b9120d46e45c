import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { refuseUnknownKeys } from '../reading/refuse-unknown-keys.ts';
import type { EntryFilter } from './entry-filter.ts';

/** @throws {CommandError} wrong usage: a run or a key that there never was, so that no entry can be of it. */
export async function refuseUnknownNames(
  tx: PostgresTransaction,
  filter: EntryFilter,
): Promise<void> {
  await refuseUnknownKeys(tx, filter);
  if (filter.runId === undefined) {
    return;
  }
  const { runs } = await tx.row(
    z.object({ runs: z.int() }),
    'select count(*)::int as runs from jao.run where run_id = $1',
    [filter.runId],
  );
  if (runs === 0) {
    throw new CommandError(
      `--run ${filter.runId}: the database has no such run; jao.run lists them`,
      { exitCode: exitCodes.usage },
    );
  }
}
