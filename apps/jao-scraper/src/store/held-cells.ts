import { failedCheckReason } from '@sluice/schemas';
import { cellEntryReasons } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable, QuarantinedPart } from '@sluice/schemas/jao';
import { lockQuarantined, storableRaw } from '@sluice/warehouse/postgres';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from './epoch-ms.ts';
import { isAnswered, readOpenEntries } from './answered-entries.ts';
import type { OpenEntry } from './answered-entries.ts';
import { partsOf, valueOfCell } from './hold-back.ts';
import { hasEveryPeriod } from './name-state.ts';

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
       ${epochMs('delivery_start')} as "deliveryStartMs", coalesce(raw, '') as raw, pointer,
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

/** What is on record of a business day that an answer to be stored is to heed. */
export interface LockedEntries {
  readonly held: readonly HeldCell[];
  /** Those that the answer may close. */
  readonly open: readonly OpenEntry[];
}

/**
 * What is on record of a day, to store an answer: the open entries that it may close, and those that it
 * repeats, are locked until the transaction ends, so that who discards one of them at this moment comes before it
 * or after.
 */
export async function lockEntries(
  tx: PostgresTransaction,
  { contract, day }: { readonly contract: DatasetContract; readonly day: BusinessDay },
  answer: Answer,
): Promise<LockedEntries> {
  const held = await readHeldCells(tx, contract, day);
  const repeated = repeatedIn(
    answer,
    held.filter(({ state }) => state === 'open'),
  );
  const { table } = answer;
  const isWhole = hasEveryPeriod(table);
  const entries = await readOpenEntries(tx, contract, day);
  const open = entries.filter((entry) => isAnswered(entry, { table, isWhole }));
  const ids = new Set([...repeated, ...open].map(({ quarantineId }) => quarantineId));
  if (ids.size === 0) {
    return { held, open };
  }
  await lockQuarantined(tx, [...ids]);
  return { held: await readHeldCells(tx, contract, day), open };
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
      : storableRaw(characters.get(cell) ?? '') === cell.raw,
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

function valueOfRaw({ raw }: HeldCell): number | null {
  return raw === 'null' ? null : Number(raw);
}
