import type { ColumnProfile } from '@sluice/schemas/expectations';

type Value = ColumnProfile['min'];

/** Values that are known to be written where there is none, by the kind of a column. */
const knownNumbers = new Set([
  -1, -9, -99, -999, -9999, -99999, 9999, 99999, 999999, 999999999, 2147483647,
]);
const knownTexts = new Set([
  '',
  '-',
  '--',
  '?',
  '.',
  'n/a',
  'na',
  '#n/a',
  'nan',
  'null',
  '(null)',
  'none',
  'nil',
  'unknown',
  'undefined',
  'missing',
  'tbd',
]);
const knownDays = new Set(['0001-01-01', '1900-01-01', '1970-01-01', '9999-12-31', '2999-12-31']);
/** An end stands apart where the next value is so many times the middle half's width away. */
const widthsApart = 3;
/** And so many of the values have it. */
const leastShare = 0.01;

/** Values that may stand for a missing one, each with the rows that have it. */
export function findSentinels(
  column: ColumnProfile,
): { readonly value: NonNullable<Value>; readonly rows: number }[] {
  const found = new Map<NonNullable<Value>, number>();
  for (const { value, rows } of column.common) {
    if (value !== null && isKnown(column, value)) {
      found.set(value, rows);
    }
  }
  for (const { value, rows, next } of [
    { value: column.min, rows: column.minRows, next: column.aboveMin },
    { value: column.max, rows: column.maxRows, next: column.belowMax },
  ]) {
    if (value !== null && (isKnown(column, value) || standsApart(column, value, next, rows))) {
      found.set(value, rows);
    }
  }
  // A column of nothing else has no values at all, and one of a few is a set of codes.
  const rows = [...found.values()].reduce((sum, count) => sum + count, 0);
  return rows < column.filled && column.distinct > found.size + 1
    ? [...found].map(([value, count]) => ({ value, rows: count }))
    : [];
}

function isKnown(column: ColumnProfile, value: NonNullable<Value>): boolean {
  switch (column.type) {
    case 'integer':
    case 'double':
      return knownNumbers.has(Number(value)) && isAlone(column, Number(value));
    case 'text':
      return knownTexts.has(String(value).trim().toLowerCase());
    case 'date':
    case 'timestamp':
    case 'instant':
      return knownDays.has(String(value).slice(0, 10)) && isEnd(column, value);
    case 'boolean':
      return false;
  }
}

/** The only one below 0, or the greatest and far from the others: else it is a number like any other. */
function isAlone(column: ColumnProfile, value: number): boolean {
  return value < 0
    ? column.min !== null && Number(column.min) === value && Number(column.aboveMin ?? -1) >= 0
    : Number(column.max) === value && Number(column.belowMax ?? value) < value / 2;
}

function isEnd({ min, max, aboveMin, belowMax }: ColumnProfile, value: Value): boolean {
  const year = (time: Value): number => Number(String(time).slice(0, 4));
  return (
    (value === min && aboveMin !== null && year(aboveMin) - year(value) >= 10) ||
    (value === max && belowMax !== null && year(value) - year(belowMax) >= 10)
  );
}

function standsApart(
  { type, eighths, filled }: ColumnProfile,
  value: Value,
  next: Value,
  rows: number,
): boolean {
  if ((type !== 'integer' && type !== 'double') || next === null) {
    return false;
  }
  const width = Number(eighths[5]) - Number(eighths[1]);
  return (
    width > 0 &&
    rows >= Math.max(2, leastShare * filled) &&
    Math.abs(Number(next) - Number(value)) > widthsApart * width
  );
}
