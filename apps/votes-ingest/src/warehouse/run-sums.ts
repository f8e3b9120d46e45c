import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** How many files a message names. */
const namedFiles = 5;

const remedy =
  'Rows never just vanish: stop loading, run votes-ingest verify, and restore a backup or ingest the ' +
  'files again into a new warehouse';

const sumRow = z.object({
  path: z.string(),
  sum: z.string(),
  stored: z.int(),
  counted: z.int(),
});
type WrongSum = z.infer<typeof sumRow>;

/**
 * Compares, file by file, what the ledger counts with what is stored: rows, conflicts and quarantine
 * entries, and that every record which was read is one of them. Only the given files are looked at, so
 * that it costs a scan of one column of their rows.
 *
 * @returns Which sums are wrong, and by how much; undefined where all are right.
 */
export async function findWrongSums(
  warehouse: DuckDbWarehouse,
  fileIds: readonly number[],
): Promise<string | undefined> {
  if (fileIds.length === 0) {
    return undefined;
  }
  const wrong = await warehouse.rows(sumRow, sumsSql(fileIds));
  if (wrong.length === 0) {
    return undefined;
  }
  const named = wrong.slice(0, namedFiles).map(describeSum);
  const more = wrong.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/**
 * The same for all files that a run has to do with: those that it read, those whose records won or lost
 * conflicts in it, those whose entries of quarantine it decided, and those that it took out.
 *
 * @returns What is wrong and what to do; undefined where all sums are right.
 */
export async function findWrongSumsOfRun(
  warehouse: DuckDbWarehouse,
  runId: string,
): Promise<string | undefined> {
  const files = await warehouse.rows(
    z.object({ id: z.int() }),
    `select file_id as id from ops.file where run_id = $1::uuid and outcome <> 'already_ingested'
     union select winner_file_id from ops.conflict where run_id = $1::uuid
     union select loser_file_id from ops.conflict where run_id = $1::uuid
     union select file_id from ops.quarantine where decision_run_id = $1::uuid
     union select file_id from ops.file where unloaded_run_id = $1::uuid
     order by id`,
    [runId],
  );
  const wrong = await findWrongSums(
    warehouse,
    files.map(({ id }) => id),
  );
  return wrong === undefined
    ? undefined
    : `the sums of run ${runId} are wrong: ${wrong}. ${remedy}`;
}

function describeSum({ path, sum, stored, counted }: WrongSum): string {
  const difference = stored - counted;
  return `${path}: ${stored} ${sum}, ${counted} by the ledger (${difference > 0 ? '+' : ''}${difference})`;
}

/** Ids are numbers of ours; as literals they let the engine skip all blocks of other files. */
function sumsSql(fileIds: readonly number[]): string {
  const ids = fileIds.join(', ');
  return `
    with file as (
      select file_id, path, outcome, read, accepted, duplicate, conflicting, quarantined, refused
        from ops.file where file_id in (${ids})
    ),
    held as (
      select FileId as file_id, count(*) as n from blog_analysis.votes
       where FileId in (${ids}) group by FileId
    ),
    -- Of two records that differ, the one that came later is counted as conflicting; under last it moves
    -- the row from the file of the one to the other's.
    conflict as (
      select file_id, sum(counted) as counted, sum(taken) as taken
        from (select winner_file_id as file_id, 1 as counted, 1 as taken from ops.conflict
               where policy = 'last' and winner_file_id in (${ids})
              union all
              select loser_file_id, 0, -1 from ops.conflict
               where policy = 'last' and loser_file_id in (${ids})
              union all
              select loser_file_id, 1, 0 from ops.conflict
               where policy <> 'last' and loser_file_id in (${ids}))
       group by file_id
    ),
    entry as (
      select file_id, count(*) as n from ops.quarantine
       where file_id in (${ids}) and state in ('open', 'discarded') group by file_id
    ),
    compared as (
      select file_id, path, 'records read' as sum, read as stored,
             accepted + duplicate + conflicting + quarantined + refused as counted
        from file
      union all
      select file_id, path, 'rows in the table', coalesce(held.n, 0),
             if(outcome = 'ingested', accepted + coalesce(conflict.taken, 0), 0)
        from file left join held using (file_id) left join conflict using (file_id)
      union all
      select file_id, path, 'conflicts on record', coalesce(conflict.counted, 0), conflicting
        from file left join conflict using (file_id)
       where outcome = 'ingested'
      union all
      select file_id, path, 'entries in quarantine', coalesce(entry.n, 0), quarantined
        from file left join entry using (file_id)
    )
    select path, sum, stored::bigint as stored, counted::bigint as counted from compared
     where stored <> counted order by file_id, sum`;
}
