import type { AnswerScan, ScannedRow } from './answer-scan.ts';
import type { BusinessDay, DatasetContract, StepMinutes } from './dataset-contract.ts';
import { countCells } from './count-cells.ts';
import { cellStates } from './day-answer.ts';
import type { AnswerDrift, DayRow, DayTable } from './day-answer.ts';
import { placeRows, isQuarantined } from './place-rows.ts';
import type { Period } from './place-rows.ts';
import { deliveryStarts, stepMinutes } from './publication-calendar.ts';
import { quarantinedParts } from './quarantined-parts.ts';
import { parseModifiedAt, parseRowId } from './row-fields.ts';
import { seenStep } from './seen-step.ts';

/** A scanned answer with the question that it answers. */
export interface ScannedAnswer {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly text: string;
  readonly scan: AnswerScan;
  readonly unknownFields: readonly string[];
}

/** Puts the rows of an answer to their delivery periods; see {@link DayTable}. */
export function buildDayTable(answer: ScannedAnswer): DayTable {
  const { contract, day, scan, text } = answer;
  const placed = placeRows(scan, text, answer);
  const { periods, verdicts } = placed;
  const expected = stepMinutes(contract, day);
  const seen = seenStep(contract, day, periods.map(startOfPeriod)) ?? expected;
  const step = contract.stepIsAssumed ? seen : expected;
  const present = new Set(periods.map(({ deliveryStartMs }) => deliveryStartMs));
  const cells = fillCells(scan, periods);
  const fields = periods.map(readRow);
  return {
    ...cells,
    rows: fields.map(({ row }) => row),
    quarantined: quarantinedParts(scan, text, verdicts),
    counts: countCells(scan, verdicts),
    stepMinutes: step,
    missingDeliveryStarts: deliveryStarts(contract, day, step).filter((at) => !present.has(at)),
    drift: [
      ...answer.unknownFields.map((value) => ({ kind: 'unknown_field', value }) as const),
      ...[...new Set(fields.flatMap(({ badFields }) => badFields))].map(
        (value) => ({ kind: 'field_type', value }) as const,
      ),
      ...(seen === expected ? [] : [stepDrift(seen)]),
      ...cells.keys
        .filter((key) => !contract.keyPattern.test(key))
        .map((value) => ({ kind: 'key_pattern', value }) as const),
    ],
  };
}

function startOfPeriod({ deliveryStartMs }: Period): number {
  return deliveryStartMs;
}

function stepDrift(minutes: StepMinutes): AnswerDrift {
  return { kind: 'step', value: `PT${minutes}M` };
}

function fillCells(
  scan: AnswerScan,
  periods: readonly Period[],
): Pick<DayTable, 'keys' | 'values' | 'states'> {
  const columns = columnsOf(scan, periods);
  const keys = scan.keys.filter((_, index) => columns[index] !== -1);
  const values = new Float64Array(periods.length * keys.length);
  const states = new Uint8Array(periods.length * keys.length);
  for (const [index, period] of periods.entries()) {
    const offset = index * keys.length;
    const [row] = period.rows;
    if (row === undefined || isQuarantined(period)) {
      states.fill(cellStates.quarantined, offset, offset + keys.length);
      continue;
    }
    for (let cell = row.firstCell; cell < row.endCell; cell += 1) {
      const at = offset + (columns[scan.keyOfCell(cell)] ?? 0);
      states[at] = scan.stateOfCell(cell);
      values[at] = scan.valueOfCell(cell);
    }
  }
  return { keys, values, states };
}

/** The column of each key of the scan; -1 for one that only rows without a place have. */
function columnsOf(scan: AnswerScan, periods: readonly Period[]): Int32Array {
  const columns = new Int32Array(scan.keys.length).fill(-1);
  for (const { rows } of periods) {
    for (const { firstCell, endCell } of rows) {
      for (let cell = firstCell; cell < endCell; cell += 1) {
        columns[scan.keyOfCell(cell)] = 0;
      }
    }
  }
  let column = 0;
  for (const [index, used] of columns.entries()) {
    if (used === 0) {
      columns[index] = column;
      column += 1;
    }
  }
  return columns;
}

function readRow(period: Period): { row: DayRow; badFields: string[] } {
  const source: ScannedRow | undefined = isQuarantined(period) ? undefined : period.rows[0];
  const id = parseRowId(source?.idText);
  const modifiedAt = parseModifiedAt(source?.modifiedText);
  return {
    row: {
      deliveryStartMs: period.deliveryStartMs,
      sourceRowId: id ?? null,
      sourceModifiedAt: modifiedAt ?? null,
      isQuarantined: source === undefined,
    },
    badFields: [
      ...(id === undefined ? ['id'] : []),
      ...(modifiedAt === undefined ? ['lastModifiedOn'] : []),
    ],
  };
}
