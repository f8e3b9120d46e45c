import { CommandError, readInstant } from '@sluice/command-line';
import { entryReasons, entryReasonSchema, exitCodes, quarantineStates } from '@sluice/schemas';
import type { QuarantineState } from '@sluice/schemas';
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
 * The states that `--state` names: those of open entries where it is absent, and `all`.
 *
 * @throws {CommandError} wrong usage: no state.
 */
export function parseStates(given: readonly string[] | undefined): readonly QuarantineState[] {
  if (given === undefined) {
    return ['open'];
  }
  const names = [...quarantineStates, 'all'];
  const unknown = given.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw usageError(
      `--state ${unknown.map((name) => JSON.stringify(name)).join(', ')}: ` +
        `there are ${names.join(', ')}`,
    );
  }
  return quarantineStates.filter((state) => given.includes(state) || given.includes('all'));
}

/** @throws {CommandError} wrong usage: `--state` where only open entries can be meant. */
export function refuseOtherStates(given: readonly string[] | undefined): void {
  if (given?.some((state) => state !== 'open') === true) {
    throw usageError('--state: only open entries can be decided, and each is decided once');
  }
}

/**
 * The ids of entries, each once.
 *
 * @throws {CommandError} wrong usage: no id.
 */
export function parseEntryIds(given: readonly string[]): readonly number[] {
  const wrong = given.filter((text) => !/^[1-9]\d{0,14}$/.test(text));
  if (wrong.length > 0) {
    throw usageError(
      `${wrong.map((text) => JSON.stringify(text)).join(', ')}: an entry's id is a whole number; ` +
        'votes-ingest quarantine lists them',
    );
  }
  return [...new Set(given.map(Number))];
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
