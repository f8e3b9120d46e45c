import type { AnswerScan, CellFault, ScannedRow } from './answer-scan.ts';
import { businessDayBounds } from './business-day.ts';
import type { BusinessDay, DatasetContract, StepMinutes } from './dataset-contract.ts';
import { cellStates } from './day-answer.ts';
import type { CellQuarantineReason } from './day-answer.ts';
import { stepMinutes } from './publication-calendar.ts';
import { parseDeliveryStart } from './row-fields.ts';

/** The rows of one delivery period that differ from each other; more than one is a conflict. */
export interface Period {
  readonly deliveryStartMs: number;
  readonly rows: ScannedRow[];
}

/** What became of one row. */
export interface Verdict {
  /** `kept` also where its cells may be at fault. */
  readonly is: 'kept' | 'duplicate' | CellQuarantineReason;
  readonly deliveryStartMs: number | null;
}

/** The rows of an answer, each at its delivery period. */
export interface PlacedRows {
  /** Ascending. */
  readonly periods: readonly Period[];
  /** One per row, in the answer's order. */
  readonly verdicts: readonly Verdict[];
}

const millisecondsPerMinute = 60_000;

/** Finds each row's delivery period on a business day, and drops rows that repeat another. */
export function placeRows(
  scan: AnswerScan,
  text: string,
  { contract, day }: { readonly contract: DatasetContract; readonly day: BusinessDay },
): PlacedRows {
  const placeOf = placeFinder(contract, day);
  const periods = new Map<number, Period>();
  const places = scan.rows.map((row) => {
    const place = placeOf(row);
    if (place.is !== 'kept' && place.is !== 'duplicate_key') {
      return place;
    }
    const { deliveryStartMs } = place;
    if (deliveryStartMs === null) {
      return place;
    }
    const period = periods.get(deliveryStartMs);
    if (period === undefined) {
      periods.set(deliveryStartMs, { deliveryStartMs, rows: [row] });
      return place;
    }
    if (period.rows.some((other) => areEqual(scan, text, [row, other]))) {
      return { is: 'duplicate', deliveryStartMs } as const;
    }
    period.rows.push(row);
    return place;
  });
  const verdicts = places.map((place): Verdict => {
    const period = periods.get(place.deliveryStartMs ?? Number.NaN);
    const isConflict = place.is === 'kept' && period !== undefined && period.rows.length > 1;
    return isConflict ? { ...place, is: 'conflicting_rows' } : place;
  });
  return {
    periods: [...periods.values()].toSorted(
      (left, right) => left.deliveryStartMs - right.deliveryStartMs,
    ),
    verdicts,
  };
}

/** Whether nothing that a period's rows say can be used. */
export function isQuarantined(period: Period): boolean {
  return period.rows.length > 1 || period.rows.some(({ breach }) => breach !== undefined);
}

function placeFinder(contract: DatasetContract, day: BusinessDay): (row: ScannedRow) => Verdict {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const gridMinutes: StepMinutes = contract.stepIsAssumed ? 15 : stepMinutes(contract, day);
  const gridMs = gridMinutes * millisecondsPerMinute;
  return ({ breach, timeText }) => {
    const instantMs = parseDeliveryStart(timeText);
    const isToday = instantMs !== undefined && instantMs >= startMs && instantMs < endMs;
    const isOnGrid = isToday && (instantMs - startMs) % gridMs === 0;
    if (breach !== undefined) {
      return { is: breach, deliveryStartMs: isOnGrid ? instantMs : null };
    }
    if (instantMs === undefined || (isToday && !isOnGrid)) {
      return { is: 'bad_timestamp', deliveryStartMs: null };
    }
    return isToday
      ? { is: 'kept', deliveryStartMs: instantMs }
      : { is: 'foreign_row', deliveryStartMs: null };
  };
}

/** Whether two rows give the same cells the same values; ids and times of change may differ. */
function areEqual(
  scan: AnswerScan,
  text: string,
  [left, right]: readonly [ScannedRow, ScannedRow],
): boolean {
  const isComparable = left.breach === undefined && right.breach === undefined;
  if (!isComparable || left.endCell - left.firstCell !== right.endCell - right.firstCell) {
    return false;
  }
  const cellByKey = new Map<number, number>();
  for (let cell = left.firstCell; cell < left.endCell; cell += 1) {
    cellByKey.set(scan.keyOfCell(cell), cell);
  }
  for (let cell = right.firstCell; cell < right.endCell; cell += 1) {
    const other = cellByKey.get(scan.keyOfCell(cell));
    if (other === undefined || !haveEqualCells(scan, cell, other)) {
      return false;
    }
  }
  return faultsAsText(text, left.faults) === faultsAsText(text, right.faults);
}

function haveEqualCells(scan: AnswerScan, cell: number, other: number): boolean {
  const state = scan.stateOfCell(cell);
  return (
    state === scan.stateOfCell(other) &&
    (state !== cellStates.value || scan.valueOfCell(cell) === scan.valueOfCell(other))
  );
}

function faultsAsText(text: string, faults: readonly CellFault[]): string {
  return faults
    .map(({ name, valueFrom, valueTo }) =>
      JSON.stringify([name, comparable(text.slice(valueFrom, valueTo))]),
    )
    .toSorted()
    .join('\n');
}

/** A number, which `bad_key` cells may have, is compared as such, and anything else by its text. */
function comparable(raw: string): string {
  const value = /^[-0-9]/.test(raw) ? Number(raw) : Number.NaN;
  return Number.isFinite(value) ? String(value) : raw;
}
