import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** An ingested file that has records in common with the one that is to go. */
export interface SharingFile {
  readonly path: string;
  readonly sha256: string;
  /** The policy it was ingested by. */
  readonly onConflict: string;
  /** Records of the two that met and were equal, in either direction. */
  readonly duplicate: number;
  /** Records of the two that met and were different, in either direction. */
  readonly conflicting: number;
}

/**
 * The ingested files whose records would be missing from the table, or that would be overruled by
 * it, if a file were taken out and perhaps ingested again; in the order in which they were ingested
 * last.
 *
 * - Where all records that met were equal, or were settled by `first`, a row that goes is missed by
 *   the files that met it there, and by no others: a file that only met rows of others goes without
 *   a trace.
 * - Where `last` has replaced a row, the order of the files matters. A file that is ingested again
 *   to bring back one record replaces all its others too, so that all files must follow that are
 *   connected with it, by whatever records: ingested again in their order, each Id has the content
 *   of the last file that names it, as at first.
 */
export async function findSharingFiles(
  warehouse: DuckDbWarehouse,
  sha256: string,
): Promise<SharingFile[]> {
  const meetings = await readMeetings(warehouse);
  const connected = connectedWith(sha256, meetings);
  const isOrdered = meetings.some(({ left, replaced }) => replaced > 0 && connected.has(left));
  const direct = meetings.filter(({ left, right }) => left === sha256 || right === sha256);
  const concerned = isOrdered
    ? connected
    : new Set(
        direct
          .filter(({ right, misses }) => right === sha256 && misses > 0)
          .map(({ left }) => left),
      );
  const files = await warehouse.rows(
    z.object({ path: z.string(), sha256: z.string(), onConflict: z.string() }),
    `select max_by(path, file_id) as path, sha256, max_by(on_conflict, file_id) as onConflict
       from ops.file where outcome = 'ingested' and sha256 is not null
      group by sha256 order by max(file_id)`,
  );
  return files
    .filter((file) => file.sha256 !== sha256 && concerned.has(file.sha256))
    .map((file) => {
      const met = direct.filter(({ left, right }) => [left, right].includes(file.sha256));
      return {
        ...file,
        duplicate: met.reduce((sum, { duplicate }) => sum + duplicate, 0),
        conflicting: met.reduce((sum, { conflicting }) => sum + conflicting, 0),
      };
    });
}

const meetingSchema = z.object({
  left: z.string(),
  right: z.string(),
  duplicate: z.int(),
  conflicting: z.int(),
  misses: z.int(),
  replaced: z.int(),
});

/**
 * How often records of one content, `left`, met rows of another, `right`. `misses` counts those that
 * are in the table by the other's row only, and `replaced` those that took its place.
 */
async function readMeetings(warehouse: DuckDbWarehouse) {
  return warehouse.rows(
    meetingSchema,
    `with meeting as (
       select file_id as left_id, holder_file_id as right_id, duplicate, 0 as conflicting,
              duplicate as misses, 0 as replaced
         from ops.overlap
       union all
       select if(policy = 'last', winner_file_id, loser_file_id),
              if(policy = 'last', loser_file_id, winner_file_id), 0, 1,
              if(policy = 'last', 0, 1), if(policy = 'last', 1, 0)
         from ops.conflict
     )
     select newcomer.sha256 as left, holder.sha256 as right,
            sum(meeting.duplicate)::bigint as duplicate,
            sum(meeting.conflicting)::bigint as conflicting,
            sum(misses)::bigint as misses, sum(replaced)::bigint as replaced
       from meeting
       join ops.file as newcomer on newcomer.file_id = left_id
       join ops.file as holder on holder.file_id = right_id
      where newcomer.sha256 <> holder.sha256
      group by newcomer.sha256, holder.sha256`,
  );
}

/** The contents that a chain of meetings leads to, the first one included. */
function connectedWith(
  sha256: string,
  meetings: readonly { readonly left: string; readonly right: string }[],
): ReadonlySet<string> {
  const byLeft = Map.groupBy(meetings, ({ left }) => left);
  const byRight = Map.groupBy(meetings, ({ right }) => right);
  const connected = new Set([sha256]);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const reached of connected) {
    byLeft.get(reached)?.forEach(({ right }) => connected.add(right));
    byRight.get(reached)?.forEach(({ left }) => connected.add(left));
  }
  return connected;
}
