import { CommandError, readInstant } from '@sluice/command-line';
import { entryReasons, entryReasonSchema, exitCodes } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { EntryFilter } from './read-entries.ts';

/** The options that choose entries, as they were given. */
export interface EntryFilterOptions {
  readonly run?: string;
  readonly reasonCode?: string;
  readonly check?: string;
  readonly file?: string;
  readonly since?: string;
}

/** @throws {CommandError} wrong usage: no run's id, no reason code, no instant. */
export function parseEntryFilter(options: EntryFilterOptions): EntryFilter {
  const { run, reasonCode, check, file, since } = options;
  if (run !== undefined && !z.guid().safeParse(run).success) {
    throw usageError(
      `--run ${JSON.stringify(run)}: it is no run's id; votes-ingest runs lists them`,
    );
  }
  const parsedReason = entryReasonSchema.optional().safeParse(reasonCode);
  if (!parsedReason.success) {
    throw usageError(
      `--reason-code ${JSON.stringify(reasonCode)}: there is no such code; ` +
        `there are ${entryReasons.join(', ')}`,
    );
  }
  return {
    runId: run,
    reasonCode: parsedReason.data,
    checkId: check,
    file,
    since: readInstant('--since', since),
  };
}

/** @throws {CommandError} where the ledger does not have the run or the file, so that no entry can be of it. */
export async function refuseUnknownPlace(
  warehouse: DuckDbWarehouse,
  { runId, file }: EntryFilter,
): Promise<void> {
  const { runs, files } = await warehouse.row(
    z.object({ runs: z.int(), files: z.int() }),
    `select (select count(*) from ops.run where run_id = $1::uuid) as runs,
            (select count(*) from ops.file
              where path = $2 or ends_with(path, '/' || $2) or sha256 = lower($2)) as files`,
    [runId ?? null, file ?? null],
  );
  if (runId !== undefined && runs === 0) {
    throw new CommandError(
      `--run ${runId}: ${warehouse.path} has no such run; votes-ingest runs lists them`,
    );
  }
  if (file !== undefined && files === 0) {
    throw new CommandError(
      `--file ${file}: ${warehouse.path} has no file of that name or SHA-256; ` +
        'votes-ingest runs --format json lists them',
    );
  }
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
