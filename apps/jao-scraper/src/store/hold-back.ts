import { cellStates, escapePointer } from '@sluice/schemas/jao';
import type { DayTable, QuarantinedPart } from '@sluice/schemas/jao';

/** A cell that is to be held back, and why. */
export interface CellToHold {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly checkId: string;
  readonly message: string;
}

/** An answer without the cells that are held back: these are in quarantine, as if they could not be read. */
export function holdBack(table: DayTable, parts: readonly QuarantinedPart[]): DayTable {
  if (parts.length === 0) {
    return table;
  }
  const columns = new Map(table.keys.map((key, column) => [key, column]));
  const rows = new Map(table.rows.map(({ deliveryStartMs }, row) => [deliveryStartMs, row]));
  const states = table.states.slice();
  let held = 0;
  for (const { key, deliveryStartMs } of parts) {
    const column = key === null ? undefined : columns.get(key);
    const row = deliveryStartMs === null ? undefined : rows.get(deliveryStartMs);
    const at = column === undefined || row === undefined ? -1 : row * table.keys.length + column;
    if (at !== -1 && states[at] !== cellStates.quarantined) {
      states[at] = cellStates.quarantined;
      held += 1;
    }
  }
  const counts = { ...table.counts, quarantined: table.counts.quarantined + held };
  return { ...table, states, counts, quarantined: [...table.quarantined, ...parts] };
}

/** What a cell of an answer says; undefined where the answer has none that can be read. */
export function valueOfCell(
  table: DayTable,
  { key, deliveryStartMs }: Pick<CellToHold, 'key' | 'deliveryStartMs'>,
): number | null | undefined {
  const column = table.keys.indexOf(key);
  const row = table.rows.findIndex((each) => each.deliveryStartMs === deliveryStartMs);
  const at = row * table.keys.length + column;
  const state = column === -1 || row === -1 ? cellStates.absent : table.states[at];
  if (state === cellStates.null) {
    return null;
  }
  return state === cellStates.value ? table.values[at] : undefined;
}

/** The cells as parts of quarantine, each with its place and its characters in the answer. */
export function partsOf(
  bytes: Uint8Array,
  cells: readonly (Omit<CellToHold, 'checkId'> & { readonly checkId: string | null })[],
): QuarantinedPart[] {
  const places = new Map<string, { readonly pointer: string; readonly raw: string }>();
  const wanted = new Set(cells.map(({ key }) => key));
  for (const [index, row] of readRows(bytes).entries()) {
    for (const key of wanted) {
      const raw = row.members.get(key);
      if (raw !== undefined) {
        places.set(`${key}\n${row.startMs}`, {
          pointer: `/data/${index}/${escapePointer(key)}`,
          raw,
        });
      }
    }
  }
  return cells.map(({ key, deliveryStartMs, checkId, message }) => ({
    reason: 'failed_check',
    checkId: checkId ?? undefined,
    key,
    deliveryStartMs,
    message,
    ...(places.get(`${key}\n${deliveryStartMs}`) ?? { pointer: '/data', raw: '' }),
  }));
}

/** A whole answer as a part of quarantine: nothing of it is data. */
export function wholePart(
  bytes: Uint8Array,
  { checkId, message }: Pick<CellToHold, 'checkId' | 'message'>,
): QuarantinedPart {
  return {
    reason: 'failed_check',
    checkId,
    pointer: '',
    raw: textOf(bytes),
    key: null,
    deliveryStartMs: null,
    message,
  };
}

interface AnsweredRow {
  readonly startMs: number;
  /** The characters of each number, as they came. */
  readonly members: ReadonlyMap<string, string>;
}

/** The rows of an answer that the parser has read: sound JSON. */
function readRows(bytes: Uint8Array): readonly AnsweredRow[] {
  const sources = new WeakMap<object, Map<string, string>>();
  const answer = JSON.parse(
    textOf(bytes),
    function (this: object, name: string, value: unknown, context?: { readonly source?: string }) {
      if (context?.source !== undefined) {
        const members = sources.get(this) ?? new Map<string, string>();
        members.set(name, context.source);
        sources.set(this, members);
      }
      return value;
    },
  ) as { readonly data?: readonly { readonly dateTimeUtc?: unknown }[] }; // as the parser found it
  return (answer.data ?? []).map((row) => ({
    startMs: Date.parse(String(row.dateTimeUtc)),
    members: sources.get(row) ?? new Map(),
  }));
}

/** The parser has found it to be UTF-8. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
