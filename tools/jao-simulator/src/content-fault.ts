import { answerRows, answerText, instantText, labelOf, leadingFields } from './answer-row.ts';
import type { AnswerRow } from './answer-row.ts';
import type { DayContent } from './day-content.ts';
import type { SimulatedDataset } from './dataset.ts';
import type { Fault } from './fault.ts';
import type { Window } from './window.ts';

const hourMs = 3_600_000;

/** A field of a row as it stands in the JSON. */
type Field = readonly [label: string, text: string];

/** What a fault makes of one field; none, one or several. */
type FieldChange = (field: Field) => readonly Field[];

/** What the field faults do to the field of the fault's key, in one row. */
const cellChanges: Readonly<Partial<Record<Fault['kind'], FieldChange>>> = {
  drift_number_as_string: ([label, text]) => [[label, `"${text}"`]],
  drift_decimal_comma: ([label, text]) => [[label, `"${withComma(text)}"`]],
  drift_null: ([label]) => [[label, 'null']],
  drift_boolean: ([label]) => [[label, 'true']],
  drift_object: ([label, text]) => [[label, `{"value":${text}}`]],
  value_1e400: ([label]) => [[label, '1e400']],
  value_nan_text: ([label]) => [[label, '"NaN"']],
  value_beyond_2_53: ([label]) => [[label, '9007199254740993']],
  doubled_key_same: (field) => [field, field],
  doubled_key_different: (field) => [field, other(field)],
};

/** What they do to it in every row of the answer. */
const columnChanges: Readonly<Partial<Record<Fault['kind'], FieldChange>>> = {
  drift_new_key: (field) => [field, ['"border_XX_YY":', '123.0']],
  drift_removed_key: () => [],
  drift_renamed_key: ([label, text]) => [[label.replace('":', '_renamed":'), text]],
  drift_proto_key: (field) => [field, ['"__proto__":', '123.0'], ['"constructor":', '124.0']],
};

/** The body of an answer that is a sound document, with rows that are not quite the truth. */
export function createContentFault({
  fault,
  dataset,
  window,
  contents,
}: {
  readonly fault: Fault;
  readonly dataset: SimulatedDataset;
  readonly window: Window;
  readonly contents: readonly DayContent[];
}): string {
  const rows = contents.flatMap((content) => answerRows(dataset, content, window));
  const label = fault.key === undefined ? rows[0]?.labels[leadingFields] : labelOf(fault.key);
  const chosen = rows.findIndex((row) => row.deliveryStartMs === fault.deliveryStartMs);
  const target = chosen === -1 ? Math.min(1, rows.length - 1) : chosen;

  const columnChange = columnChanges[fault.kind];
  if (columnChange !== undefined) {
    return answerText(rows.map((row) => changeField(row, label, columnChange)));
  }
  const cellChange = cellChanges[fault.kind];
  if (cellChange !== undefined) {
    return answerText(
      rows.map((row, at) => (at === target ? changeField(row, label, cellChange) : row)),
    );
  }
  if (fault.kind === 'row_is_null') {
    return answerText(rows).replace('"data":[', '"data":[null,').replace('[null,]', '[null]');
  }
  return answerText(changeRows({ fault, rows, target, label, window }));
}

function changeRows({
  fault: { kind },
  rows,
  target,
  label,
  window,
}: {
  readonly fault: Fault;
  readonly rows: readonly AnswerRow[];
  readonly target: number;
  readonly label: string | undefined;
  readonly window: Window;
}): AnswerRow[] {
  const row = rows[target];
  if (row === undefined) return [];
  switch (kind) {
    case 'duplicate_rows_same':
      return [...rows, row];
    case 'duplicate_rows_different':
      return [...rows, changeField(row, label, (field) => [other(field)])];
    case 'rows_out_of_order':
      return rows.toReversed();
    case 'rows_foreign':
      return [atInstant(row, window.fromMs - hourMs), ...rows, atInstant(row, window.toMs)];
    case 'bad_timestamp':
      return rows.map((each, at) =>
        at === target
          ? changeField(each, '"dateTimeUtc":', ([stamp]) => [[stamp, '"2026-02-30T25:00:00Z"']])
          : each,
      );
    case 'missing_hour':
      return rows.filter(
        ({ deliveryStartMs }) =>
          Math.floor(deliveryStartMs / hourMs) !== Math.floor(row.deliveryStartMs / hourMs),
      );
    case 'short_page':
      return rows.slice(0, Math.floor(rows.length / 2));
    case 'empty_window':
      return [];
    default:
      return [...rows];
  }
}

function changeField(row: AnswerRow, label: string | undefined, change: FieldChange): AnswerRow {
  const fields = row.labels.flatMap((each, at): readonly Field[] => {
    const field: Field = [each, row.texts[at] ?? 'null'];
    return each === label ? change(field) : [field];
  });
  return {
    deliveryStartMs: row.deliveryStartMs,
    labels: fields.map(([each]) => each),
    texts: fields.map(([, text]) => text),
  };
}

function atInstant(row: AnswerRow, deliveryStartMs: number): AnswerRow {
  const moved = changeField(row, '"dateTimeUtc":', ([label]) => [
    [label, instantText(deliveryStartMs)],
  ]);
  return { ...moved, deliveryStartMs };
}

function withComma(text: string): string {
  return text.includes('.') ? text.replace('.', ',') : `${text},0`;
}

/** The same field with another number. */
function other([label, text]: Field): Field {
  const number = text === 'null' ? 0 : Number(text);
  return [label, `${Math.trunc(number) + 1}.5`];
}
