import type { DayTable } from '@sluice/schemas/jao';
import { cellStates } from '@sluice/schemas/jao';

/** The newest stored version of a cell. */
export interface StoredCell {
  /** As published; null for a null of the source, and for a withdrawn cell. */
  readonly value: number | null;
  readonly withdrawn: boolean;
  readonly sourceRowId: bigint | null;
}

/** The newest stored versions of one business day: by key, then by delivery start in epoch ms. */
export type StoredDay = ReadonlyMap<string, ReadonlyMap<number, StoredCell>>;

/** A version that is to be stored: what an answer says of a cell that is stored otherwise, or not at all. */
export interface NewVersion {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly value: number | null;
  /** Of {@link DayTable.rows}. */
  readonly rowIndex: number;
}

/** A cell that is stored, not withdrawn, and not in an answer. */
export interface LackingCell {
  readonly key: string;
  readonly deliveryStartMs: number;
  /** Whether the answer has other cells of the same delivery period. */
  readonly hasRow: boolean;
}

/** What an answer changes in a stored day. Counts are cells. */
export interface DayDiff {
  readonly versions: readonly NewVersion[];
  /** Ascending by key, then by delivery start. */
  readonly lacking: readonly LackingCell[];
  readonly added: number;
  /** Returns of withdrawn cells included. */
  readonly revised: number;
  /** Withdrawn cells that are back. */
  readonly returned: number;
  readonly unchanged: number;
  /** Whether any row with only unchanged values has another id than it was stored with. */
  readonly hasRenewedRowIds: boolean;
}

/**
 * Compares an answer with what is stored of its day.
 *
 * A cell is in `versions` when its value differs from the newest stored one, null told apart from
 * absent, or when that one was withdrawn. A quarantined cell is neither a version nor lacking.
 */
export function diffDay(stored: StoredDay, table: DayTable): DayDiff {
  const versions: NewVersion[] = [];
  const seen = new Map<string, number>();
  let added = 0;
  let revised = 0;
  let returned = 0;
  let unchanged = 0;
  let hasRenewedRowIds = false;
  table.keys.forEach((key, column) => {
    const storedCells = stored.get(key);
    let known = 0;
    table.rows.forEach((row, rowIndex) => {
      const at = rowIndex * table.keys.length + column;
      const state = table.states[at];
      const cell = storedCells?.get(row.deliveryStartMs);
      if (state === cellStates.absent) {
        return;
      }
      if (cell !== undefined && !cell.withdrawn) {
        known += 1;
      }
      if (state === cellStates.quarantined) {
        return;
      }
      const value = state === cellStates.null ? null : (table.values[at] ?? Number.NaN);
      if (cell !== undefined && !cell.withdrawn && cell.value === value) {
        unchanged += 1;
        hasRenewedRowIds ||= cell.sourceRowId !== row.sourceRowId;
        return;
      }
      if (cell === undefined) {
        added += 1;
      } else {
        revised += 1;
        returned += cell.withdrawn ? 1 : 0;
      }
      versions.push({ key, deliveryStartMs: row.deliveryStartMs, value, rowIndex });
    });
    seen.set(key, known);
  });
  const lacking = findLacking(stored, table, seen);
  return { versions, lacking, added, revised, returned, unchanged, hasRenewedRowIds };
}

/**
 * The stored cells that an answer lacks. None where a row is of another day, or of nobody knows which:
 * it may stand for any of this one, and an answer that is wrong in it is not believed in what it leaves
 * out. What a row lacks that is in quarantine, or has a key that cannot be read, may be just that.
 */
function findLacking(
  stored: StoredDay,
  table: DayTable,
  seen: ReadonlyMap<string, number>,
): readonly LackingCell[] {
  if (table.quarantined.some((part) => part.deliveryStartMs === null)) {
    return [];
  }
  const hasBadKey = new Set(
    table.quarantined.flatMap(({ reason, deliveryStartMs }) =>
      reason === 'bad_key' && deliveryStartMs !== null ? [deliveryStartMs] : [],
    ),
  );
  const rowIndexes = new Map(table.rows.map((row, index) => [row.deliveryStartMs, index]));
  const columns = new Map(table.keys.map((key, column) => [key, column]));
  const lacking: LackingCell[] = [];
  for (const [key, cells] of stored) {
    const present = [...cells].filter(([, cell]) => !cell.withdrawn);
    if (present.length === (seen.get(key) ?? 0)) {
      continue;
    }
    const column = columns.get(key);
    for (const [deliveryStartMs] of present) {
      const rowIndex = rowIndexes.get(deliveryStartMs);
      const isThere =
        rowIndex !== undefined &&
        (table.rows[rowIndex]?.isQuarantined === true ||
          hasBadKey.has(deliveryStartMs) ||
          (column !== undefined &&
            table.states[rowIndex * table.keys.length + column] !== cellStates.absent));
      if (!isThere) {
        lacking.push({ key, deliveryStartMs, hasRow: rowIndex !== undefined });
      }
    }
  }
  return lacking.sort(
    (left, right) =>
      compareText(left.key, right.key) || left.deliveryStartMs - right.deliveryStartMs,
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
