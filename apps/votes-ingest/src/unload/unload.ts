import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { UnloadReport } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { findSharingFiles } from './sharing-files.ts';
import type { SharingFile } from './sharing-files.ts';

/** How many files an error names. */
const namedFiles = 20;

/** What is to be taken out, and what that touches. */
export interface UnloadPlan {
  readonly sha256: string;
  readonly paths: readonly string[];
  readonly sharingFiles: readonly SharingFile[];
}

/**
 * Looks up what taking out a content means, and changes nothing.
 *
 * @throws {CommandError} wrong usage where no file of this content ever was; where none is ingested now, or where others share records
 * with it and that is not accepted.
 */
export async function planUnload(
  warehouse: DuckDbWarehouse,
  { sha256, acceptsSharing }: { readonly sha256: string; readonly acceptsSharing: boolean },
): Promise<UnloadPlan> {
  const entries = await warehouse.rows(
    z.object({ path: z.string(), outcome: z.string() }),
    `select path, outcome from ops.file
      where sha256 = $1 and outcome <> 'already_ingested' order by file_id`,
    [sha256],
  );
  const paths = new Set(
    entries.filter(({ outcome }) => outcome === 'ingested').map(({ path }) => path),
  );
  if (paths.size === 0) {
    const last = entries.at(-1);
    throw new CommandError(
      `unload ${sha256}: ${warehouse.path} has no ingested file of this SHA-256` +
        (last === undefined ? '' : `; ${last.path} was ${last.outcome}`) +
        '. Nothing was changed; votes-ingest runs --format json lists the files',
      { exitCode: last === undefined ? exitCodes.usage : exitCodes.failed },
    );
  }
  const sharingFiles = await findSharingFiles(warehouse, sha256);
  if (sharingFiles.length > 0 && !acceptsSharing) {
    throw new CommandError(
      `unload ${[...paths].join(', ')}: ${sharingFiles.length} other files have records in common ` +
        `with it: ${describeSharing(sharingFiles)}. Nothing was changed; --force takes it out all ` +
        'the same, and says which files to ingest again to bring those records back',
    );
  }
  return { sha256, paths: [...paths], sharingFiles };
}

/**
 * Takes a content out of the warehouse in one transaction: its rows, the list of their lines and its
 * open quarantine entries. Decisions on others end with it: if the content is ingested again, its records
 * are read and checked as if nobody had decided. The ledger keeps its files, as unloaded, and forgets those that share
 * records with it, so that they can be ingested again.
 */
export async function unload(
  warehouse: DuckDbWarehouse,
  runId: string,
  { sha256, paths, sharingFiles }: UnloadPlan,
): Promise<UnloadReport> {
  const { unloadedRows, discardedEntries, endedDecisions } = await warehouse.transaction(
    async () => {
      const counts = await warehouse.row(
        z.object({ unloadedRows: z.int(), discardedEntries: z.int(), endedDecisions: z.int() }),
        `with gone as (${goneSql})
       select (select count(*) from blog_analysis.votes where FileId in (from gone)) as unloadedRows,
              (select count(*) from ops.quarantine
                where state = 'open' and file_id in (from gone)) as discardedEntries,
              (select count(*) from ops.quarantine
                where state in ('discarded', 'released') and file_id in (from gone)) as endedDecisions`,
        [sha256],
      );
      for (const { sha256: forgotten } of sharingFiles) {
        await warehouse.run(
          `update ops.file set forgotten_run_id = $2::uuid
          where sha256 = $1 and outcome = 'ingested' and forgotten_run_id is null`,
          [forgotten, runId],
        );
      }
      await warehouse.run(
        `update ops.quarantine
          set state = 'discarded', decided_at = now(), decided_by = 'votes-ingest',
              decision_reason = 'its file was unloaded', decision_run_id = $2::uuid
        where state = 'open' and file_id in (${goneSql})`,
        [sha256, runId],
      );
      await warehouse.run(`delete from ops.accepted_lines where file_id in (${goneSql})`, [sha256]);
      await warehouse.run(
        `update ops.file
          set unloaded_rows = (select count(*) from blog_analysis.votes
                                where FileId = file.file_id)
        where file_id in (${goneSql})`,
        [sha256],
      );
      await warehouse.run(`delete from blog_analysis.votes where FileId in (${goneSql})`, [sha256]);
      await warehouse.run(
        `update ops.file set outcome = 'unloaded', unloaded_run_id = $2::uuid
        where file_id in (${goneSql})`,
        [sha256, runId],
      );
      return counts;
    },
  );
  return {
    runId,
    sha256,
    paths: [...paths],
    unloadedRows,
    discardedEntries,
    endedDecisions,
    ingestAgain: sharingFiles.map(({ duplicate, conflicting, ...file }) => ({
      ...file,
      shared: { duplicate, conflicting },
    })),
  };
}

const goneSql = `select file_id from ops.file where sha256 = $1 and outcome = 'ingested'`;

function describeSharing(files: readonly SharingFile[]): string {
  const named = files.slice(0, namedFiles).map(({ path, duplicate, conflicting }) => {
    const isDirect = duplicate + conflicting > 0;
    return `${path} (${isDirect ? `${duplicate} equal, ${conflicting} different` : 'through others'})`;
  });
  return named.join(', ') + (files.length > namedFiles ? ', …' : '');
}
