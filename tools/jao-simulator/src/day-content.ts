import { daysSince } from './business-day.ts';
import type { BusinessDay } from './business-day.ts';
import { createValueOf, nextValue } from './cell-value.ts';
import { deliveryStartsOf } from './dataset.ts';
import type { SimulatedDataset } from './dataset.ts';
import type { Publication } from './publication.ts';

/** What a cell of a day is: not in its row, null, or a number. */
export const cellStates = { absent: 0, null: 1, value: 2 } as const;

/** A day as its newest publication shows it; cells are row-major. */
export interface DayContent {
  readonly businessDay: BusinessDay;
  readonly keys: readonly string[];
  readonly deliveryStartsMs: readonly number[];
  /** 1 for a row that the publication has. */
  readonly rowIsThere: Uint8Array;
  readonly values: Float64Array;
  readonly states: Uint8Array;
  readonly newest: Publication;
  /** The id of the day's first row; row n has the id n after it. */
  readonly firstRowId: number;
}

/** Row ids of a day: up to 100 rows for each of up to 10,000 publications. */
const idsPerDay = 1_000_000;
const idsPerPublication = 100;

/** Gives the values of a key; kept by the caller, since making it costs more than a value. */
export type ValueSource = (
  dataset: SimulatedDataset,
  key: string,
) => (deliveryStartMs: number, version: number) => number;

/** The content of a day after `publications`, of which the first is its first. */
export function dayContent({
  dataset,
  day,
  publications,
  valueSource,
}: {
  readonly dataset: SimulatedDataset;
  readonly day: BusinessDay;
  readonly publications: readonly [Publication, ...Publication[]];
  readonly valueSource: ValueSource;
}): DayContent {
  const firstKeys = dataset.keysOn(day);
  const added = publications.flatMap(({ kind, keys = [] }) => (kind === 'add_key' ? keys : []));
  const keys = [...new Set([...firstKeys, ...added])];
  const starts = deliveryStartsOf(dataset, day);
  const newest = publications.at(-1) ?? publications[0];
  const content: DayContent = {
    businessDay: day,
    keys,
    deliveryStartsMs: starts,
    rowIsThere: new Uint8Array(starts.length),
    values: new Float64Array(starts.length * keys.length),
    states: new Uint8Array(starts.length * keys.length),
    newest,
    firstRowId:
      1 + daysSince(dataset.firstBusinessDay, day) * idsPerDay + newest.version * idsPerPublication,
  };
  const sources = keys.map((key) => valueSource(dataset, key));
  for (const publication of publications) {
    applyPublication({ content, publication, dataset, sources, firstKeyCount: firstKeys.length });
  }
  return content;
}

interface Application {
  readonly content: DayContent;
  readonly publication: Publication;
  readonly dataset: SimulatedDataset;
  readonly sources: readonly ReturnType<ValueSource>[];
  readonly firstKeyCount: number;
}

function applyPublication(application: Application): void {
  const { content, publication, firstKeyCount } = application;
  const { kind } = publication;
  if (kind === 'republish') return;
  if (kind === 'initial' || kind === 'return') {
    content.rowIsThere.fill(1);
    fillFirst(application, firstKeyCount);
    return;
  }
  const rows = indexes(content.deliveryStartsMs, publication.deliveryStartsMs);
  if (kind === 'withdraw_row') {
    for (const row of rows) content.rowIsThere[row] = 0;
    return;
  }
  const columns = indexes(content.keys, publication.keys);
  for (const row of rows) {
    for (const column of columns) reviseCell(application, row, column);
  }
}

/** The first values of the day's first keys; keys that came later are absent again. */
function fillFirst({ content, dataset, sources }: Application, firstKeyCount: number): void {
  const { keys, deliveryStartsMs, values, states } = content;
  const nulls = new Set(dataset.nullKeys);
  states.fill(cellStates.absent);
  for (const [column, valueOf] of sources.slice(0, firstKeyCount).entries()) {
    const isNull = nulls.has(keys[column] ?? '');
    for (const [row, startMs] of deliveryStartsMs.entries()) {
      const at = row * keys.length + column;
      states[at] = isNull ? cellStates.null : cellStates.value;
      values[at] = isNull ? 0 : valueOf(startMs, 0);
    }
  }
}

function reviseCell(
  { content, publication, dataset, sources }: Application,
  row: number,
  column: number,
): void {
  const { keys, deliveryStartsMs, values, states } = content;
  const at = row * keys.length + column;
  if (publication.kind === 'null' || publication.kind === 'withdraw_key') {
    states[at] = cellStates[publication.kind === 'null' ? 'null' : 'absent'];
    return;
  }
  const isFree = publication.value === undefined;
  if (isFree && dataset.nullKeys?.includes(keys[column] ?? '') === true) return;
  const before = states[at] === cellStates.value ? values[at] : undefined;
  const value =
    publication.value ?? sources[column]?.(deliveryStartsMs[row] ?? 0, publication.version) ?? 0;
  values[at] = isFree && value === before ? nextValue(value, dataset.shape) : value;
  states[at] = cellStates.value;
}

function indexes<Item>(all: readonly Item[], chosen: readonly Item[] | undefined): number[] {
  if (chosen === undefined) return [...all.keys()];
  const wanted = new Set(chosen);
  return all.flatMap((item, index) => (wanted.has(item) ? [index] : []));
}

/** A source of values of one seed that makes the function of each key once. */
export function createValueSource(seed: number): ValueSource {
  const known = new Map<string, ReturnType<ValueSource>>();
  return (dataset, key) => {
    const id = `${dataset.name} ${key}`;
    const made =
      known.get(id) ?? createValueOf({ seed, dataset: dataset.name, key, shape: dataset.shape });
    known.set(id, made);
    return made;
  };
}
