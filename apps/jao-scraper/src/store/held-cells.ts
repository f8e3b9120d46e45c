import { failedCheckReason } from '@sluice/schemas';
import { cellEntryReasons } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable, QuarantinedPart } from '@sluice/schemas/jao';
import { decideQuarantined, lockQuarantined } from '@sluice/warehouse/postgres';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { NewVersion } from './diff-day.ts';
import { partsOf, valueOfCell } from './hold-back.ts';

const heldRow = z.object({
  quarantineId: z.number(),
  state: z.string(),
  reason: z.enum(cellEntryReasons),
  key: z.string(),
  deliveryStartMs: z.number(),
  raw: z.string(),
  pointer: z.string(),
  checkId: z.string().nullable(),
  message: z.string(),
  attemptId: z.number(),
  decidedAtMs: z.number().nullable(),
});

/** The end of an attempt is known to the millisecond, and a decision may be of the same transaction. */
export const roundedMs = 1;

/** The bytes of an answer, and what they say. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly table: DayTable;
}

/** A cell that a check held back, or a person discarded, as it is on record. */
export type HeldCell = z.infer<typeof heldRow>;

/** The cells of a business day that checks ever held back, and those that people discarded, oldest first. */
export async function readHeldCells(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly HeldCell[]> {
  return db.rows(
    heldRow,
    `select quarantine_id as "quarantineId", state, reason, series_key as key,
       (extract(epoch from delivery_start) * 1000)::int8 as "deliveryStartMs", coalesce(raw, '') as raw, pointer,
       check_id as "checkId", message, attempt_id as "attemptId",
       (extract(epoch from decided_at) * 1000)::float8 as "decidedAtMs"
     from ops.quarantine
     where dataset = $1 and business_day = $2 and (reason = 'failed_check' or state = 'discarded')
       and reason = any($3::text[]) and series_key is not null
       and delivery_start is not null
     order by quarantine_id`,
    [contract.name, day, cellEntryReasons],
  );
}

/**
 * The same, to store an answer: those that it repeats, and that may become data by it, are locked until
 * the transaction ends, so that who discards one of them at this moment comes before it or after.
 */
export async function lockHeldCells(
  tx: PostgresTransaction,
  { contract, day }: { readonly contract: DatasetContract; readonly day: BusinessDay },
  answer: Answer,
): Promise<readonly HeldCell[]> {
  const held = await readHeldCells(tx, contract, day);
  const open = repeatedIn(
    answer,
    held.filter(({ state }) => state === 'open'),
  );
  if (open.length === 0) {
    return held;
  }
  await lockQuarantined(
    tx,
    open.map(({ quarantineId }) => quarantineId),
  );
  return readHeldCells(tx, contract, day);
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

/**
 * Those that an answer repeats: the same cell with the same value; or, of what could not be read and was
 * discarded as it is, with the same characters.
 */
export function repeatedIn(
  { table, bytes }: Answer,
  held: readonly HeldCell[],
): readonly HeldCell[] {
  const readable = held.filter((cell) => valueOfCell(table, cell) !== undefined);
  const unread = readable.filter(({ reason }) => reason !== failedCheckReason);
  const characters = new Map(
    unread.length === 0
      ? []
      : partsOf(bytes, unread).map((part, index) => [unread[index], part.raw]),
  );
  return readable.filter((cell) =>
    cell.reason === failedCheckReason
      ? valueOfCell(table, cell) === valueOfRaw(cell)
      : characters.get(cell) === cell.raw,
  );
}

/** A cell that was held back, as the part of quarantine that it was made of. */
export function partOfHeld({
  reason,
  key,
  deliveryStartMs,
  raw,
  pointer,
  checkId,
  message,
}: HeldCell): QuarantinedPart {
  const check = { checkId: checkId ?? undefined, message };
  return { reason, key, deliveryStartMs, raw, pointer, ...check };
}

/**
 * Closes the entries, which are locked, of cells that were stored now: a later answer says the same, and
 * no check held it back any more.
 */
export async function closeStored(
  tx: PostgresTransaction,
  held: readonly HeldCell[],
  { versions, runId }: { readonly versions: readonly NewVersion[]; readonly runId: string },
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
    await decideQuarantined(tx, ids, {
      state: 'replayed',
      by: 'jao-scraper',
      reason: 'a later answer says the same, and no check held it back',
      runId,
    });
  }
}

function valueOfRaw({ raw }: HeldCell): number | null {
  return raw === 'null' ? null : Number(raw);
}
