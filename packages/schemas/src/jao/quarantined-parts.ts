import { isKey } from './answer-scan.ts';
import type { AnswerScan, CellFault, ScannedRow } from './answer-scan.ts';
import type { CellQuarantineReason, QuarantinedPart } from './day-answer.ts';
import { oneLine } from './one-line.ts';
import { escapePointer, printedName } from './part-pointer.ts';
import type { Verdict } from './place-rows.ts';

const rowMessages: Partial<Readonly<Record<CellQuarantineReason, string>>> = {
  not_an_object: 'is no object',
  duplicate_key: 'names a member twice',
  bad_timestamp: 'starts no delivery period of the dataset',
  foreign_row: 'is not of the business day that was asked for',
  conflicting_rows: 'has the delivery period of another row, and other values',
};

/** All that an answer has to be put aside, in its order. */
export function quarantinedParts(
  scan: AnswerScan,
  text: string,
  verdicts: readonly Verdict[],
): QuarantinedPart[] {
  return scan.rows.flatMap((row, index): QuarantinedPart[] => {
    const verdict = verdicts[index];
    if (verdict === undefined || verdict.is === 'duplicate') {
      return [];
    }
    const place = { pointer: `/data/${index}`, deliveryStartMs: verdict.deliveryStartMs };
    return verdict.is === 'kept'
      ? row.faults.map((fault) => quarantinedCell(text, fault, place))
      : [quarantinedRow(text, row, { ...place, reason: verdict.is })];
  });
}

function quarantinedRow(
  text: string,
  row: ScannedRow,
  place: Pick<QuarantinedPart, 'pointer' | 'deliveryStartMs'> & {
    readonly reason: CellQuarantineReason;
  },
): QuarantinedPart {
  const time = row.timeText === undefined ? '' : `: dateTimeUtc ${oneLine(row.timeText, 60)}`;
  return {
    ...place,
    raw: text.slice(row.from, row.to),
    key: null,
    message: `${place.pointer} ${rowMessages[place.reason] ?? place.reason}${time}`,
  };
}

function quarantinedCell(
  text: string,
  { name, reason, valueFrom, valueTo }: CellFault,
  place: Pick<QuarantinedPart, 'pointer' | 'deliveryStartMs'>,
): QuarantinedPart {
  const printed = printedName(name);
  const value = oneLine(text.slice(valueFrom, Math.min(valueTo, valueFrom + 200)), 60);
  const messages = {
    bad_key: `${JSON.stringify(printed)} can not name a series`,
    not_finite: `${printed} is ${value}, which no double holds`,
  } as const;
  return {
    ...place,
    reason,
    pointer: `${place.pointer}/${escapePointer(printed)}`,
    raw: text.slice(valueFrom, valueTo),
    key: isKey(name) ? name : null,
    message:
      reason === 'bad_key' || reason === 'not_finite'
        ? messages[reason]
        : `${printed} is ${value}, no number`,
  };
}
