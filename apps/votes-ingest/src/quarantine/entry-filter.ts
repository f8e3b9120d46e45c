import { CommandError, quoteUnknown, readInstant } from '@sluice/command-line';
import { entryReasons, entryReasonSchema, exitCodes } from '@sluice/schemas';
import { checkIds, voteSuite } from '@sluice/schemas/expectations';
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

/**
 * @throws {CommandError} wrong usage: a run, a file or a check that there is not, so that no entry can be of
 * it. A check that was declared once may have held back entries.
 */
export async function refuseUnknownNames(
  warehouse: DuckDbWarehouse,
  { runId, file, checkId }: EntryFilter,
): Promise<void> {
  const { runs, files, checks } = await warehouse.row(
    z.object({ runs: z.int(), files: z.int(), checks: z.int() }),
    `select (select count(*) from ops.run where run_id = $1::uuid) as runs,
            (select count(*) from ops.file
              where path = $2 or ends_with(path, '/' || $2) or sha256 = lower($2)) as files,
            (select count(*) from ops.quarantine where check_id = $3) as checks`,
    [runId ?? null, file ?? null, checkId ?? null],
  );
  const declared = voteSuite.expectations.flatMap(checkIds);
  if (checkId !== undefined && checks === 0 && !declared.includes(checkId)) {
    throw usageError(
      `--check: there is no check ${quoteUnknown([checkId], declared)}; votes-ingest check lists them`,
    );
  }
  if (runId !== undefined && runs === 0) {
    throw usageError(
      `--run ${runId}: ${warehouse.path} has no such run; votes-ingest runs lists them`,
    );
  }
  if (file !== undefined && files === 0) {
    throw usageError(
      `--file ${file}: ${warehouse.path} has no file of that name or SHA-256; ` +
        'votes-ingest runs --format json lists them',
    );
  }
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
