import type { DayAnswer } from '../../src/jao/day-answer.ts';

/** What an answer comes to, in a form that an independent reading can be compared by. */
export interface Reading {
  /** The outcome of a refusal, or `day`. */
  readonly kind: string;
  /** `<instant> <key>` to a number, `null` or `'quarantined'`; absent cells are not there. */
  readonly cells: ReadonlyMap<string, unknown>;
  readonly instants: readonly number[];
  readonly quarantined: readonly string[];
  /** Cells: members of rows that are no fields. */
  readonly counts: {
    readonly read: number;
    readonly duplicate: number;
    readonly quarantined: number;
  };
}

interface Row {
  readonly index: number;
  readonly cells: ReadonlyMap<string, unknown>;
  readonly instant: number;
}

const known = new Set(['id', 'dateTimeUtc', 'lastModifiedOn']);
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3}0{0,3})?(?:Z|[+-]\d{2}:\d{2})$/;
const refusal = (kind: string): Reading => ({
  kind,
  cells: new Map(),
  instants: [],
  quarantined: [],
  counts: { read: 0, duplicate: 0, quarantined: 0 },
});

/**
 * Reads an answer by `JSON.parse`, for days of hours that begin at `startMs`. It is slow and plain,
 * and blind to doubled names: `hasDoubledNames` says where it can not be asked.
 */
export function readByOracle(
  text: string,
  window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
): Reading {
  const trimmed = text.replace(/^[ \t\r\n]+/, '');
  if (trimmed === '') return refusal('empty_body');
  if (trimmed.startsWith('<')) return refusal('html');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refusal('not_json');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return refusal('schema');
  }
  const members = new Map<string, unknown>(Object.entries(document));
  if (members.get('rejected') === true) return refusal('rejected');
  if (![false, null, undefined].includes(members.get('rejected') as undefined)) {
    return refusal('schema');
  }
  const data = members.get('data');
  return Array.isArray(data) ? readRows(data, window) : refusal('schema');
}

/** Whether an object in a JSON text names a member twice; false for what is no JSON. */
export function hasDoubledNames(text: string): boolean {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return false;
  }
  const named = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter((match) => match[1]);
  return named.length !== countNames(document);
}

/** The parser's answer in the oracle's form. */
export function readingOf(answer: DayAnswer): Reading {
  if (answer.kind === 'refused') return refusal(answer.outcome);
  const { keys, rows, states, values, quarantined, counts } = answer.table;
  const cells = new Map<string, unknown>();
  for (const [r, row] of rows.entries()) {
    for (const [k, key] of keys.entries()) {
      const at = r * keys.length + k;
      const state = states[at];
      if (state !== 0) {
        const words = [undefined, null, values[at], 'quarantined'];
        cells.set(`${row.deliveryStartMs} ${key}`, words[state ?? 0]);
      }
    }
  }
  return {
    kind: 'day',
    cells,
    instants: rows.map(({ deliveryStartMs }) => deliveryStartMs),
    quarantined: quarantined.map(({ reason, pointer }) => `${reason} ${pointer.slice(0, 80)}`),
    counts,
  };
}

function readRows(
  data: readonly unknown[],
  { startMs, endMs, stepMs }: { startMs: number; endMs: number; stepMs: number },
): Reading {
  const rows: Row[] = [];
  const bad = new Map<number, string[]>();
  const counts = { read: 0, duplicate: 0, quarantined: 0 };
  for (const [index, element] of data.entries()) {
    if (typeof element !== 'object' || element === null || Array.isArray(element)) {
      bad.set(index, [`not_an_object /data/${index}`]);
      counts.read += 1;
      counts.quarantined += 1;
      continue;
    }
    const members = new Map<string, unknown>(Object.entries(element));
    const stamp = members.get('dateTimeUtc');
    const instant = typeof stamp === 'string' && time.test(stamp) ? Date.parse(stamp) : Number.NaN;
    const isToday = instant >= startMs && instant < endMs;
    const cells = new Map([...members].filter(([name]) => !known.has(name)));
    counts.read += cells.size;
    if (Number.isNaN(instant) || (isToday && (instant - startMs) % stepMs !== 0)) {
      bad.set(index, [`bad_timestamp /data/${index}`]);
      counts.quarantined += cells.size;
    } else if (!isToday) {
      bad.set(index, [`foreign_row /data/${index}`]);
      counts.quarantined += cells.size;
    } else {
      rows.push({ index, instant, cells });
    }
  }
  return place(rows, bad, counts);
}

function place(
  rows: readonly Row[],
  bad: Map<number, string[]>,
  counts: { read: number; duplicate: number; quarantined: number },
): Reading {
  const cells = new Map<string, unknown>();
  const kept = new Map<number, Row[]>();
  for (const row of rows) {
    const others = kept.get(row.instant) ?? [];
    if (others.some((other) => canonical(other) === canonical(row)))
      counts.duplicate += row.cells.size;
    else kept.set(row.instant, [...others, row]);
  }
  const instants = [...kept.keys()].toSorted((left, right) => left - right);
  const isKey = (key: string) => key !== '' && key.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(key);
  const keys = new Set(
    [...kept.values()].flat().flatMap((row) => [...row.cells.keys()].filter(isKey)),
  );
  for (const [instant, [row, ...more]] of kept) {
    for (const key of more.length > 0 ? keys : []) cells.set(`${instant} ${key}`, 'quarantined');
    for (const { index, cells: own } of more.length > 0 && row ? [row, ...more] : []) {
      counts.quarantined += own.size;
      bad.set(index, [`conflicting_rows /data/${index}`]);
    }
    if (more.length > 0 || row === undefined) continue;
    for (const [key, value] of row.cells) {
      const pointer = `/data/${row.index}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const isNumber = typeof value === 'number';
      const isGood = value === null || (isNumber && Number.isFinite(value));
      const reason = isKey(key) ? (isNumber ? 'not_finite' : 'not_a_number') : 'bad_key';
      if (isKey(key)) cells.set(`${instant} ${key}`, isGood ? value : 'quarantined');
      if (!isGood || !isKey(key)) {
        counts.quarantined += 1;
        const clean = pointer.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').slice(0, 80);
        bad.set(row.index, [...(bad.get(row.index) ?? []), `${reason} ${clean}`]);
      }
    }
  }
  const quarantined = [...bad]
    .toSorted(([left], [right]) => left - right)
    .flatMap(([, list]) => list);
  return { kind: 'day', cells, instants, quarantined, counts };
}

/** Two rows with equal text here have equal values: -0 is 0, and Infinity a text of its own. */
function canonical({ cells }: Row): string {
  const values = [...cells].map(([key, value]): unknown => [
    key,
    typeof value === 'number' ? String(value + 0) : value,
  ]);
  return JSON.stringify(values.map((entry) => JSON.stringify(entry)).toSorted());
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value) as unknown[];
  return children.reduce<number>(
    (sum, child) => sum + countNames(child),
    Array.isArray(value) ? 0 : children.length,
  );
}
