import { failedCheckReason, voteContract } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { RejectedLine } from '../ingest/rejected-lines.ts';

/** How many records of the spool wait to be settled. */
export async function countWaiting(warehouse: DuckDbWarehouse): Promise<number> {
  const { waiting } = await warehouse.row(
    z.object({ waiting: z.int() }),
    'select count(*) as waiting from spool.suspect',
  );
  return waiting;
}

/** Of some lines, those whose record waits in the spool. */
export async function keepWaiting(
  warehouse: DuckDbWarehouse,
  lines: readonly RejectedLine[],
): Promise<RejectedLine[]> {
  const waiting = await warehouse.rows(
    z.object({ line: z.int() }),
    `select line from spool.suspect
      where line in (select unnest(string_split(nullif($1, ''), ','))::bigint)`,
    [lines.map(({ line }) => line).join(',')],
  );
  const places = new Set(waiting.map(({ line }) => line));
  return lines.filter(({ line }) => places.has(line));
}

/** Has records of the spool wait for quarantine instead, for the checks that hold them back. */
export async function rejectWaiting(
  warehouse: DuckDbWarehouse,
  lines: readonly RejectedLine[],
): Promise<void> {
  for (const [checkId, ofCheck] of Map.groupBy(lines, (each) => each.checkId)) {
    await warehouse.run(
      `insert into spool.quarantine (line, reason, message, raw_bytes, check_id)
       select unnest(string_split($1, ','))::bigint, $2, 'it fails the check ' || $3, 0, $3`,
      [ofCheck.map(({ line }) => line).join(','), failedCheckReason, checkId],
    );
  }
  await warehouse.run(
    'delete from spool.suspect where line in (select line from spool.quarantine)',
  );
}

/** Gives the open entries of a file the reasons that the spool has for them now. */
export async function putBack(warehouse: DuckDbWarehouse, fileId: number): Promise<void> {
  await warehouse.run(
    `update ops.quarantine as entry
        set reason = again.reason, message = again.message, check_id = again.check_id, contract_version = $2
       from spool.quarantine as again
      where entry.state = 'open' and entry.file_id = $1::integer and entry.line = again.line
        and entry.reason <> $3`,
    [fileId, voteContract.version, failedCheckReason],
  );
}
