import { writeValue } from './cell-value.ts';
import { cellStates } from './day-content.ts';
import type { DayContent } from './day-content.ts';
import type { SimulatedDataset } from './dataset.ts';

/** One row of an answer: field n is `labels[n] + texts[n]`, both as they stand in the JSON. */
export interface AnswerRow {
  readonly deliveryStartMs: number;
  /** `"border_AT_BE":` */
  readonly labels: readonly string[];
  /** `4346.0` */
  readonly texts: readonly string[];
}

/** The fields before the values: `id` and `dateTimeUtc`. */
export const leadingFields = 2;

/** A field's name as it stands in a row. */
export function labelOf(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/** The service's form of an instant, `"2026-04-20T00:00:00Z"`, with quotes. */
export function instantText(instantMs: number): string {
  return `"${new Date(instantMs).toISOString().slice(0, 19)}Z"`;
}

/** The rows of a day from `fromMs` to before `toMs`, ascending. */
export function answerRows(
  dataset: SimulatedDataset,
  content: DayContent,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AnswerRow[] {
  const keyLabels = content.keys.map(labelOf);
  const allLabels = rowLabels(dataset, keyLabels);
  const modified = modifiedText(content.newest.atMs);
  const rows: AnswerRow[] = [];
  for (const [row, deliveryStartMs] of content.deliveryStartsMs.entries()) {
    if (deliveryStartMs < fromMs || deliveryStartMs >= toMs || content.rowIsThere[row] === 0) {
      continue;
    }
    const { there, texts: cells } = cellTexts(dataset, content, row);
    const texts = [String(content.firstRowId + row), instantText(deliveryStartMs), ...cells];
    if (dataset.hasLastModifiedOn === true) texts.push(modified);
    const isWhole = cells.length === keyLabels.length;
    const labels = isWhole
      ? allLabels
      : rowLabels(
          dataset,
          keyLabels.filter((_, at) => there[at]),
        );
    rows.push({ deliveryStartMs, labels, texts });
  }
  return rows;
}

/** The body of an answer: rows as they are given, in their order. */
export function answerText(rows: readonly AnswerRow[]): string {
  const texts = rows.map(rowText);
  return `{"data":[${texts.join(',')}],"rejected":false,"messages":null}`;
}

/** One row as a JSON object. */
export function rowText({ labels, texts }: AnswerRow): string {
  let fields = '';
  for (let at = 0; at < texts.length; at += 1) {
    fields += `${at === 0 ? '' : ','}${labels[at] ?? ''}${texts[at] ?? ''}`;
  }
  return `{${fields}}`;
}

function rowLabels(dataset: SimulatedDataset, keyLabels: readonly string[]): string[] {
  const labels = ['"id":', '"dateTimeUtc":', ...keyLabels];
  if (dataset.hasLastModifiedOn === true) labels.push('"lastModifiedOn":');
  return labels;
}

function cellTexts(
  { shape }: SimulatedDataset,
  { keys, values, states }: DayContent,
  row: number,
): { readonly there: readonly boolean[]; readonly texts: readonly string[] } {
  const there: boolean[] = [];
  const texts: string[] = [];
  const start = row * keys.length;
  for (let at = start; at < start + keys.length; at += 1) {
    const state = states[at];
    there.push(state !== cellStates.absent);
    if (state === cellStates.absent) continue;
    texts.push(state === cellStates.null ? 'null' : writeValue(values[at] ?? 0, shape));
  }
  return { there, texts };
}

/** No zone, and two or three digits of a second: the instant at which the page was written, in UTC. */
function modifiedText(atMs: number): string {
  const text = new Date(atMs).toISOString().slice(0, -1);
  return `"${text.endsWith('0') ? text.slice(0, -1) : text}"`;
}
