import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/**
 * The votes that were there at a time, as a relation of their `CreationDate`: of files that were on record
 * by then, those included that a later file has taken the Id of. A record that left quarantine since
 * counts with its file.
 */
export function datesAsOfSql(instant: string): string {
  return `(
    with known as (select file_id from ops.file where recorded_at <= ${instant}::timestamptz)
    select CreationDate from blog_analysis.votes where FileId in (from known)
    union all
    select (loser ->> 'CreationDate')::timestamp as CreationDate from ops.conflict
     where loser_file_id in (from known) and winner_file_id not in (from known))`;
}

/** How many votes were there at a time and were unloaded since: nothing else is known of them any more. */
export async function countUnloadedSince(warehouse: DuckDbWarehouse, asOf: Date): Promise<number> {
  const { rows } = await warehouse.row(
    z.object({ rows: z.int() }),
    `select coalesce(sum(unloaded_rows), 0)::bigint as rows
       from ops.file join ops.run on run.run_id = unloaded_run_id
      where recorded_at <= $1::timestamptz and coalesce(ended_at, started_at) > $1::timestamptz`,
    [asOf.toISOString()],
  );
  return rows;
}
