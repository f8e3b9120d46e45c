import type { BusinessDay, DatasetContract, DayTable, QuarantinedPart } from '@sluice/schemas/jao';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { NewVersion } from './diff-day.ts';
import { valueOfCell } from './hold-back.ts';

const heldRow = z.object({
  quarantineId: z.number(),
  state: z.string(),
  key: z.string(),
  deliveryStartMs: z.number(),
  raw: z.string(),
  pointer: z.string(),
  message: z.string(),
  attemptId: z.number(),
  decidedAtMs: z.number().nullable(),
});

/** The end of an attempt is known to the millisecond, and a decision may be of the same transaction. */
const roundedMs = 1;

/** A cell that a check held back, as it is on record. */
export type HeldCell = z.infer<typeof heldRow>;

/** The cells of a business day that checks ever held back, oldest first. */
export async function readHeldCells(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly HeldCell[]> {
  return db.rows(
    heldRow,
    `select quarantine_id as "quarantineId", state, series_key as key,
       (extract(epoch from delivery_start) * 1000)::int8 as "deliveryStartMs", coalesce(raw, '') as raw, pointer,
       message, attempt_id as "attemptId",
       (extract(epoch from decided_at) * 1000)::float8 as "decidedAtMs"
     from ops.quarantine
     where dataset = $1 and business_day = $2 and reason = 'failed_check' and series_key is not null
       and delivery_start is not null
     order by quarantine_id`,
    [contract.name, day],
  );
}

/**
 * Those that were held back from an attempt: the attempt put them aside, or a later one before they were
 * decided. What was discarded is held back for good.
 */
export function heldFrom(
  held: readonly HeldCell[],
  { attemptId, endedAtMs }: { readonly attemptId: number; readonly endedAtMs: number },
): readonly HeldCell[] {
  return held.filter(
    (cell) =>
      cell.attemptId <= attemptId &&
      (cell.decidedAtMs === null ||
        cell.state === 'discarded' ||
        cell.decidedAtMs > endedAtMs + roundedMs),
  );
}

/** Those that an answer repeats: the same cell with the same value. */
export function repeatedIn(table: DayTable, held: readonly HeldCell[]): readonly HeldCell[] {
  return held.filter((cell) => {
    const value = valueOfCell(table, cell);
    return value !== undefined && value === valueOfRaw(cell);
  });
}

/** A cell that was held back, as the part of quarantine that it was made of. */
export function partOfHeld({
  key,
  deliveryStartMs,
  raw,
  pointer,
  message,
}: HeldCell): QuarantinedPart {
  return { reason: 'failed_check', key, deliveryStartMs, raw, pointer, message };
}

/**
 * Closes the entries of cells that were stored now: a later answer says the same, and no check held it
 * back any more.
 */
export async function closeStored(
  tx: PostgresTransaction,
  held: readonly HeldCell[],
  versions: readonly NewVersion[],
): Promise<void> {
  const stored = new Map(
    versions.map(({ key, deliveryStartMs, value }) => [`${key}\n${deliveryStartMs}`, value]),
  );
  const ids = held
    .filter(
      (cell) =>
        cell.state === 'open' &&
        stored.get(`${cell.key}\n${cell.deliveryStartMs}`) === valueOfRaw(cell),
    )
    .map(({ quarantineId }) => quarantineId);
  if (ids.length > 0) {
    await tx.run(
      `update ops.quarantine set state = 'replayed', decided_at = clock_timestamp(),
         decided_by = 'jao-scraper', decision_reason = 'a later answer says the same, and no check held it back'
       where quarantine_id = any($1::bigint[]) and state = 'open'`,
      [ids],
    );
  }
}

function valueOfRaw({ raw }: HeldCell): number | null {
  return raw === 'null' ? null : Number(raw);
}
