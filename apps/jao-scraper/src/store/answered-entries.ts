import { failedCheckReason } from '@sluice/schemas';
import type { BusinessDay, DatasetContract, DayTable, QuarantinedPart } from '@sluice/schemas/jao';
import { decideQuarantined } from '@sluice/warehouse/postgres';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from './epoch-ms.ts';
import { markOfPart } from '../replay/quarantine-mark.ts';
import { valueOfCell } from './hold-back.ts';

const openRow = z.object({
  quarantineId: z.number(),
  reason: z.string(),
  key: z.string().nullable(),
  deliveryStartMs: z.number().nullable(),
  raw: z.string(),
});

/** An open entry of quarantine: of a cell, of a row, or of a whole answer. */
export type OpenEntry = z.infer<typeof openRow>;

/** An answer that is stored. */
export interface StoredAnswer {
  /** Without what is held back; undefined where the answer is what is stored already. */
  readonly table: DayTable | undefined;
  /** Whether it has every delivery period. */
  readonly isWhole: boolean;
}

/** Why an entry is closed that {@link isAnswered}. */
export const answeredReason = 'a later answer was stored in its place';

/** The open entries of a business day, oldest first. */
export async function readOpenEntries(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly OpenEntry[]> {
  return db.rows(
    openRow,
    `select quarantine_id as "quarantineId", reason, series_key as key,
       ${epochMs('delivery_start')} as "deliveryStartMs", coalesce(raw, '') as raw
     from ops.quarantine where dataset = $1 and business_day = $2 and state = 'open'
     order by quarantine_id`,
    [contract.name, day],
  );
}

/** What of an entry tells whether it is answered. */
export type EntryToAnswer = Pick<QuarantinedPart, 'key' | 'deliveryStartMs' | 'raw'> & {
  readonly reason: string;
};

/**
 * Whether a later answer has what was put aside: of a cell, a value or null; of a whole answer that a check
 * refused, every delivery period; of a row that could not be read, or a cell of no series, every delivery
 * period and no such part.
 */
export function isAnswered(entry: EntryToAnswer, { table, isWhole }: StoredAnswer): boolean {
  const { key, deliveryStartMs } = entry;
  if (key !== null && deliveryStartMs !== null) {
    return table !== undefined && valueOfCell(table, { key, deliveryStartMs }) !== undefined;
  }
  if (!isWhole || isWholeAnswer(entry)) {
    return isWhole;
  }
  const mark = markOfPart(entry);
  return table?.quarantined.every((part) => markOfPart(part) !== mark) === true;
}

/** Whether an entry is an answer of which nothing is data, as a check refused it. */
export function isWholeAnswer({
  key,
  deliveryStartMs,
  reason,
}: Pick<QuarantinedPart, 'key' | 'deliveryStartMs'> & { readonly reason: string }): boolean {
  return key === null && deliveryStartMs === null && reason === failedCheckReason;
}

/** Closes those of the entries, which are locked, that an answer has: it is stored in this transaction. */
export async function closeAnswered(
  tx: PostgresTransaction,
  entries: readonly OpenEntry[],
  { runId, ...answer }: StoredAnswer & { readonly runId: string },
): Promise<void> {
  const ids = entries
    .filter((entry) => isAnswered(entry, answer))
    .map(({ quarantineId }) => quarantineId);
  if (ids.length > 0) {
    await decideQuarantined(tx, ids, {
      state: 'replayed',
      by: 'jao-scraper',
      reason: answeredReason,
      runId,
    });
  }
}
