import { CommandError } from '@sluice/command-line';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { recordFormats } from '../ingest/read-record.ts';
import { refuseWrongSums } from '../ingest/refuse-wrong-sums.ts';
import { ConflictRefusal, settleSuspects } from '../ingest/settle.ts';
import type { ConflictPolicy, Settlement } from '../ingest/settle.ts';
import type { Spool } from '../ingest/spool.ts';
import type { DecisionToMake } from './decide-entries.ts';
import { decideEntries, readEntries, readFilesOfEntries } from './read-entries.ts';
import type { EntryFilter } from './read-entries.ts';
import { moveCounts } from './replay-file.ts';
import { tryEntry } from './spool-entries.ts';

/** What a release works with. */
export interface ReleaseContext {
  readonly warehouse: DuckDbWarehouse;
  readonly spool: Spool;
  readonly policy: ConflictPolicy;
  readonly signal: AbortSignal;
}

const fileSchema = z.object({
  fileId: z.int(),
  path: z.string(),
  outcome: z.string(),
  format: z.enum(recordFormats).nullable(),
});
type FileToRelease = z.infer<typeof fileSchema>;

/** A file with the entries of it that are released. */
interface SpooledFile extends FileToRelease {
  readonly ids: readonly number[];
}

/**
 * Makes rows of entries that a check held back, all of them in one transaction: each is settled as a
 * record that comes now, by its Id and the policy, and counted as such in the ledger's entry of its
 * file.
 *
 * @throws {CommandError} where one can not be: then none is released.
 */
export async function releaseEntries(
  { warehouse, spool, policy, signal }: ReleaseContext,
  filter: EntryFilter,
  decision: DecisionToMake,
): Promise<Settlement & { readonly entries: number }> {
  const files = await spoolFiles({ warehouse, spool, signal }, filter);
  const settled = { accepted: 0, duplicate: 0, conflicting: 0, entries: 0 };
  await warehouse.transaction(async () => {
    let before = 0;
    for (const { fileId, path, ids } of files) {
      signal.throwIfAborted();
      await placeSuspects(warehouse, { ids, before });
      before += ids.length;
      try {
        const { accepted, duplicate, conflicting } = await settleSuspects(warehouse, {
          runId: decision.runId,
          fileId,
          policy,
          suspects: ids.length,
          source: 'temp.placed_suspect',
        });
        await moveCounts(warehouse, fileId, { accepted, duplicate, conflicting });
        settled.accepted += accepted;
        settled.duplicate += duplicate;
        settled.conflicting += conflicting;
      } catch (cause) {
        throw cause instanceof ConflictRefusal
          ? new CommandError(`${path}: ${cause.message}; nothing was released`, { cause })
          : cause;
      }
      settled.entries += await decideEntries(warehouse, { ids }, decision);
      await refuseWrongSums(warehouse, fileId);
    }
    await warehouse.run('drop table if exists temp.placed_suspect');
  });
  return settled;
}

/**
 * Reads the entries again, file by file, into the spool. What stands there as a line is its place among
 * all of them, since one file's lines are another's too.
 */
async function spoolFiles(
  { warehouse, spool, signal }: Omit<ReleaseContext, 'policy'>,
  filter: EntryFilter,
): Promise<SpooledFile[]> {
  const files = await findFiles(warehouse, filter);
  const spooled: SpooledFile[] = [];
  let place = 0;
  await spool.begin();
  for (const file of files) {
    const ids: number[] = [];
    for await (const entries of readEntries(warehouse, { ...filter, fileId: file.fileId })) {
      signal.throwIfAborted();
      for (const entry of entries) {
        const outcome = tryEntry(entry, file.format ?? undefined);
        if ('breach' in outcome) {
          const { reason, message } = outcome.breach;
          throw new CommandError(
            `entry ${entry.id} breaks its contract by now (${reason}: ${message}), so that it has no ` +
              'values to let through; nothing was released',
          );
        }
        place += 1;
        spool.pushSuspectVote(outcome.vote, place);
        ids.push(entry.id);
      }
    }
    spooled.push({ ...file, ids });
  }
  spool.finish();
  return spooled;
}

async function findFiles(
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): Promise<FileToRelease[]> {
  const firstIds = new Map(
    (await readFilesOfEntries(warehouse, filter)).map(({ fileId, firstId }) => [fileId, firstId]),
  );
  const files = await warehouse.rows(
    fileSchema,
    `select file_id as fileId, path, outcome, format from ops.file
      where file_id in (select unnest(string_split(nullif($1, ''), ','))::integer) order by file_id`,
    [[...firstIds.keys()].join(',')],
  );
  const gone = files.find(({ outcome }) => outcome !== 'ingested');
  if (gone !== undefined) {
    throw new CommandError(
      `entry ${firstIds.get(gone.fileId) ?? 0} is of ${gone.path}, which was ${gone.outcome}: ` +
        'none of its records is in the table; ingest the file again instead. Nothing was released',
    );
  }
  return files;
}

/** The next of the spooled records, with the lines that they have in their file. */
async function placeSuspects(
  warehouse: DuckDbWarehouse,
  { ids, before }: { readonly ids: readonly number[]; readonly before: number },
): Promise<void> {
  await warehouse.run(
    `create or replace temp table placed_suspect as
     with entry as (
       select line, $2::bigint + row_number() over (order by id) as place from ops.quarantine
        where id in (select unnest(string_split($1, ','))::bigint)
     )
     select suspect.* replace (entry.line as line)
       from spool.suspect as suspect join entry on entry.place = suspect.line`,
    [ids.join(','), BigInt(before)],
  );
}
