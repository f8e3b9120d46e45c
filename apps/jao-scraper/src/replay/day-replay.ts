import { cellStates } from '@sluice/schemas/jao';
import type { AttemptOutcome, CellCounts, DayTable, QuarantinedPart } from '@sluice/schemas/jao';

import type { RecordedAttempt } from './recorded-day.ts';

const confirmedAfterMs = 5 * 60_000;
/** The record has when an attempt ended, not when it was decided: so near to the limit, it tells itself. */
const unsureMs = 30_000;

const didNothing = {
  versions: [],
  added: 0,
  revised: 0,
  withdrawn: 0,
  unchanged: 0,
  hasNewKeySet: false,
  quarantinedParts: [],
} as const;
const nothing: CellCounts = { read: 0, duplicate: 0, quarantined: 0 };

/** One version of a cell, as the payloads want it. */
export interface ReplayedVersion {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly value: number | null;
  readonly withdrawn: boolean;
  readonly attemptId: number;
  readonly sourceRowId: bigint | null;
  readonly sourceModifiedAt: string | null;
}

/** The cells of a day: by key, then by delivery start in epoch ms. */
export type ReplayedCells = ReadonlyMap<string, ReadonlyMap<number, ReplayedVersion>>;

/** What one attempt did, by the rules. Counts are cells. */
export interface ReplayedAttempt {
  readonly outcome: AttemptOutcome;
  readonly read: number;
  readonly versions: readonly ReplayedVersion[];
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  readonly duplicate: number;
  readonly quarantined: number;
  /** Whether the day has another set of keys by it. */
  readonly hasNewKeySet: boolean;
  readonly quarantinedParts: readonly QuarantinedPart[];
}

/** What a release did, by the rules. */
export type ReplayedRelease = Pick<
  ReplayedAttempt,
  'versions' | 'hasNewKeySet' | 'quarantinedParts'
>;

/** Cells that an answer lacked and that were not withdrawn on its word alone. */
interface ReplayedDoubt {
  readonly cells: readonly ReplayedVersion[];
  readonly sinceMs: number;
}

/**
 * A business day, made again from its attempts by the rules of the store: plain and cell by cell, as a
 * second opinion on what is stored, and for what is not.
 */
export class DayReplay {
  readonly #cells = new Map<string, Map<number, ReplayedVersion>>();
  state: 'complete' | 'incomplete' | 'quarantined' | 'empty' = 'empty';
  /** Whether the last answer had every delivery period. */
  isWhole = false;
  doubt: ReplayedDoubt | undefined;
  /** The attempt whose payload is the day's. */
  payloadOf: RecordedAttempt | undefined;
  /** The cells of that payload. */
  payloadCounts: CellCounts = nothing;
  /** Ascending; of the last answer that had any. */
  keys: readonly string[] = [];
  lastAttempt: RecordedAttempt | undefined;
  /** The attempt whose payload the source gave last. */
  lastRead: RecordedAttempt | undefined;

  /** The newest version of every cell, withdrawn ones included. */
  get cells(): ReplayedCells {
    return this.#cells;
  }

  /** Cells that are not withdrawn. */
  get size(): number {
    return this.#present().length;
  }

  /** Whether an attempt brought what was there: then its payload needs no reading. */
  isKept({ outcome, payloadHash, contractVersion }: RecordedAttempt): boolean {
    if (outcome === 'not_modified') {
      return true;
    }
    const known = this.payloadOf;
    return (
      this.doubt === undefined &&
      payloadHash !== null &&
      known?.payloadHash?.equals(payloadHash) === true &&
      known.contractVersion === contractVersion
    );
  }

  /** Takes an attempt that brought the day as it was. */
  keep(attempt: RecordedAttempt): ReplayedAttempt {
    this.lastAttempt = attempt;
    this.lastRead = this.payloadOf;
    this.doubt = undefined;
    const { read, duplicate, quarantined } = this.payloadCounts;
    return {
      ...didNothing,
      ...this.payloadCounts,
      outcome:
        attempt.outcome === 'not_modified'
          ? 'not_modified'
          : this.state === 'empty'
            ? 'empty'
            : 'unchanged',
      unchanged: read - duplicate - quarantined,
    };
  }

  /** Takes an attempt whose payload has rows, and none of the day: it changes nothing. */
  putAside({ counts, quarantined }: DayTable): ReplayedAttempt {
    return { ...didNothing, ...counts, outcome: 'foreign', quarantinedParts: quarantined };
  }

  /** Takes an attempt and what its payload says. */
  take(attempt: RecordedAttempt, table: DayTable): ReplayedAttempt {
    const keys = this.#keysOf(table);
    const { versions, ...counts } = this.#learn(attempt, table);
    const lacking = this.#present().filter((cell) => !isSpokenOf(cell, table));
    this.isWhole = table.missingDeliveryStarts.length === 0 && table.keys.length > 0;
    const starts = new Set(table.rows.map((row) => row.deliveryStartMs));
    const isSure = this.isWhole && lacking.every((cell) => starts.has(cell.deliveryStartMs));
    const isWithdrawing = isSure || this.#isConfirmed(attempt, lacking);
    const isDeferring = lacking.length > 0 && !isWithdrawing;
    if (isWithdrawing) {
      for (const { key, deliveryStartMs } of lacking) {
        const place = { key, deliveryStartMs, attemptId: attempt.attemptId };
        const nothing = { value: null, sourceRowId: null, sourceModifiedAt: null };
        this.#put({ ...place, ...nothing, withdrawn: true }, versions);
      }
    }
    this.#noteDoubt(attempt, isDeferring ? lacking : []);
    this.state = this.#stateAfter(table);
    this.lastAttempt = attempt;
    this.lastRead = attempt;
    if (!isDeferring) {
      this.payloadOf = attempt;
      this.payloadCounts = table.counts;
    }
    const hasNewKeySet = this.#takeKeys(keys);
    const { hasRenewedRowIds, ...cells } = counts;
    return {
      ...cells,
      ...table.counts,
      versions,
      withdrawn: isWithdrawing ? lacking.length : 0,
      outcome:
        versions.length > 0
          ? 'stored'
          : isDeferring
            ? 'deferred'
            : table.rows.length === 0
              ? 'empty'
              : hasRenewedRowIds
                ? 'republished'
                : 'unchanged',
      hasNewKeySet,
      quarantinedParts: table.quarantined,
    };
  }

  /**
   * Takes cells of the last answer that a person let through: its table is that without holding them
   * back, and all else of it was learned before.
   */
  release(table: DayTable): ReplayedRelease {
    const { lastRead } = this;
    if (lastRead === undefined) {
      return { versions: [], hasNewKeySet: false, quarantinedParts: [] };
    }
    const keys = this.#keysOf(table);
    const { versions } = this.#learn(lastRead, table);
    this.state = this.#stateAfter(table);
    if (this.payloadOf === lastRead) {
      this.payloadCounts = table.counts;
    }
    return { versions, hasNewKeySet: this.#takeKeys(keys), quarantinedParts: [] };
  }

  #takeKeys(keys: readonly string[]): boolean {
    const isNew = keys.length > 0 && keys.join('\n') !== this.keys.join('\n');
    this.keys = isNew ? keys : this.keys;
    return isNew;
  }

  #stateAfter(table: DayTable): DayReplay['state'] {
    const isWithoutDoubt = this.isWhole && this.doubt === undefined;
    if (table.quarantined.length > 0) {
      return 'quarantined';
    }
    return isWithoutDoubt
      ? 'complete'
      : table.keys.length + this.size === 0
        ? 'empty'
        : 'incomplete';
  }

  #learn({ attemptId }: RecordedAttempt, table: DayTable) {
    const versions: ReplayedVersion[] = [];
    const counts = { added: 0, revised: 0, unchanged: 0, hasRenewedRowIds: false };
    for (const [row, { deliveryStartMs, sourceRowId, sourceModifiedAt }] of table.rows.entries()) {
      for (const [column, key] of table.keys.entries()) {
        const at = row * table.keys.length + column;
        const state = table.states[at];
        if (state !== cellStates.value && state !== cellStates.null) {
          continue;
        }
        const value = state === cellStates.null ? null : (table.values[at] ?? null);
        const newest = this.#cells.get(key)?.get(deliveryStartMs);
        if (newest !== undefined && !newest.withdrawn && newest.value === value) {
          counts.unchanged += 1;
          counts.hasRenewedRowIds ||= newest.sourceRowId !== sourceRowId;
          continue;
        }
        counts[newest === undefined ? 'added' : 'revised'] += 1;
        const place = { key, deliveryStartMs, attemptId };
        this.#put({ ...place, value, withdrawn: false, sourceRowId, sourceModifiedAt }, versions);
      }
    }
    return { versions, ...counts };
  }

  #put(version: ReplayedVersion, versions: ReplayedVersion[]): void {
    const cells = this.#cells.get(version.key) ?? new Map<number, ReplayedVersion>();
    this.#cells.set(version.key, cells);
    cells.set(version.deliveryStartMs, version);
    versions.push(version);
  }

  #present(): ReplayedVersion[] {
    return [...this.#cells.values()].flatMap((cells) =>
      [...cells.values()].filter((cell) => !cell.withdrawn),
    );
  }

  /** Keys with a cell that can be read, and known ones with a cell that cannot. */
  #keysOf({ keys, rows, states }: DayTable): readonly string[] {
    return keys
      .filter((key, column) =>
        rows.some((_, row) => {
          const state = states[row * keys.length + column];
          return state === cellStates.quarantined
            ? this.#cells.has(key)
            : state !== cellStates.absent;
        }),
      )
      .toSorted();
  }

  #isConfirmed(attempt: RecordedAttempt, lacking: readonly ReplayedVersion[]): boolean {
    const { doubt } = this;
    if (doubt === undefined || lacking.length === 0 || !areSameCells(doubt.cells, lacking)) {
      return false;
    }
    const overMs = attempt.endedAtMs - doubt.sinceMs - confirmedAfterMs;
    return Math.abs(overMs) < unsureMs ? attempt.withdrawn > 0 : overMs >= 0;
  }

  #noteDoubt({ endedAtMs }: RecordedAttempt, lacking: readonly ReplayedVersion[]): void {
    if (lacking.length === 0) {
      this.doubt = undefined;
    } else if (this.doubt === undefined || !areSameCells(this.doubt.cells, lacking)) {
      this.doubt = { cells: lacking, sinceMs: endedAtMs };
    }
  }
}

/**
 * Whether an answer says anything of a cell: also what is in quarantine may be of it, and a row that names
 * no time of the day may be of all of them.
 */
export function isSpokenOf(
  { key, deliveryStartMs }: Pick<ReplayedVersion, 'key' | 'deliveryStartMs'>,
  { keys, rows, states, quarantined }: DayTable,
): boolean {
  if (quarantined.some((part) => part.deliveryStartMs === null)) {
    return true;
  }
  const row = rows.findIndex((each) => each.deliveryStartMs === deliveryStartMs);
  const column = keys.indexOf(key);
  const isNamed =
    row !== -1 && column !== -1 && states[row * keys.length + column] !== cellStates.absent;
  // Of the parts with a time, those without a key are rows, and cells that nobody can name.
  return (
    isNamed ||
    quarantined.some((part) => part.key === null && part.deliveryStartMs === deliveryStartMs)
  );
}

function areSameCells(
  left: readonly ReplayedVersion[],
  right: readonly ReplayedVersion[],
): boolean {
  const names = (cells: readonly ReplayedVersion[]): string =>
    cells
      .map(({ key, deliveryStartMs }) => `${key}\n${String(deliveryStartMs)}`)
      .toSorted()
      .join('\n');
  return left.length === right.length && names(left) === names(right);
}
