import { isKey, maxFaults, maxKeys, maxRows } from './answer-scan.ts';
import type { AnswerScan, CellFault, ScannedRow } from './answer-scan.ts';
import { cellStates } from './day-answer.ts';
import type { CellQuarantineReason } from './day-answer.ts';
import { elementsOf, membersOf } from './json-text.ts';
import type { ElementSpan, MemberSpan } from './json-text.ts';

/** The members of a row that are no series, by what becomes of them. */
export type FieldKinds = ReadonlyMap<string, 'id' | 'time' | 'modified' | 'other'>;

/**
 * Reads the elements of the array at `dataFrom` in a text that is JSON, whatever they are.
 * Returns why the answer is no day of any dataset, if so.
 */
export function scanAnyRows(
  scan: AnswerScan,
  text: string,
  { dataFrom, fields }: { readonly dataFrom: number; readonly fields: FieldKinds },
): string | undefined {
  for (const element of elementsOf(text, dataFrom)) {
    if (scan.rows.length === maxRows) {
      return `the answer has more than ${maxRows} rows`;
    }
    scan.rows.push(
      text[element.from] === '{'
        ? scanRow(scan, text, { element, fields })
        : { ...emptyRow(scan, element), memberCount: 1, breach: 'not_an_object' },
    );
    if (scan.keys.length > maxKeys) {
      return `the answer has more than ${maxKeys} keys`;
    }
    if (scan.faultCount > maxFaults) {
      return `the answer has more than ${maxFaults} cells that break the contract`;
    }
  }
  return undefined;
}

function emptyRow(scan: AnswerScan, { from, to }: ElementSpan): ScannedRow {
  return {
    from,
    to,
    firstCell: scan.cellCount,
    endCell: scan.cellCount,
    memberCount: 0,
    breach: undefined,
    idText: undefined,
    timeText: undefined,
    modifiedText: undefined,
    faults: [],
  };
}

function scanRow(
  scan: AnswerScan,
  text: string,
  { element, fields }: { readonly element: ElementSpan; readonly fields: FieldKinds },
): ScannedRow {
  const empty = emptyRow(scan, element);
  const names = new Set<string>();
  const known = new Map<string, string>();
  const faults: CellFault[] = [];
  let isDoubled = false;
  let isTimeDoubled = false;
  let memberCount = 0;
  for (const member of membersOf(text, element.from)) {
    const kind = fields.get(member.name);
    memberCount += kind === undefined ? 1 : 0;
    if (names.has(member.name)) {
      isDoubled = true;
      isTimeDoubled ||= kind === 'time';
      continue;
    }
    names.add(member.name);
    if (kind !== undefined) {
      known.set(kind, text.slice(member.valueFrom, member.valueTo));
      continue;
    }
    const reason = scanCell(scan, text, member);
    if (reason !== undefined) {
      scan.faultCount += 1;
      faults.push({ ...member, reason });
    }
  }
  return {
    ...empty,
    endCell: scan.cellCount,
    memberCount,
    breach: isDoubled ? 'duplicate_key' : undefined,
    idText: known.get('id'),
    timeText: isTimeDoubled ? undefined : known.get('time'),
    modifiedText: known.get('modified'),
    faults,
  };
}

function scanCell(
  scan: AnswerScan,
  text: string,
  { name, valueFrom, valueTo }: MemberSpan,
): CellQuarantineReason | undefined {
  if (!isKey(name)) {
    return 'bad_key';
  }
  const key = scan.indexOfKey(name);
  const first = text.charAt(valueFrom);
  if (first === 'n') {
    scan.addCell(key, cellStates.null, 0);
    return undefined;
  }
  const isNumber = first === '-' || (first >= '0' && first <= '9');
  const value = isNumber ? Number(text.slice(valueFrom, valueTo)) : 0;
  if (!isNumber || !Number.isFinite(value)) {
    scan.addCell(key, cellStates.quarantined, 0);
    return isNumber ? 'not_finite' : 'not_a_number';
  }
  scan.addCell(key, cellStates.value, value);
  return undefined;
}
