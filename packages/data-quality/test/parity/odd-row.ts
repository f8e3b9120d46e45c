import type { AnyValue, Condition } from '@sluice/schemas/expectations';

import { microsOfText } from '../../src/sql/time-text.ts';
import type { CellText } from '../engines.ts';
import { oddColumns } from './odd-table.ts';

/** A value such that JavaScript's `<` orders it as the engines are to: times in microseconds. */
export type Cell = bigint | number | boolean | string | null;

/** A row of the odd table. */
export type OddRow = Readonly<Record<string, Cell>>;

export function holds(condition: Condition, row: OddRow): boolean {
  if ('all' in condition) {
    return condition.all.every((part) => holds(part, row));
  }
  if ('any' in condition) {
    return condition.any.some((part) => holds(part, row));
  }
  if ('not' in condition) {
    return !holds(condition.not, row);
  }
  const found = cell(row, condition.column);
  if ('is' in condition) {
    return (found === null) === (condition.is === 'null');
  }
  return 'in' in condition
    ? isIn(row, condition.column, condition.in)
    : found !== null &&
        compares(condition.compare, order(found, parse(condition.column, condition.value)));
}

export function isIn(row: OddRow, column: string, values: readonly AnyValue[]): boolean {
  const found = cell(row, column);
  return found !== null && values.some((value) => isEqual(found, parse(column, value)));
}

export function isEqual(a: Cell, b: Cell): boolean {
  return a !== null && b !== null && order(a, b) === 0;
}

/** NaN is above all and equals itself; texts are in the order of their bytes. */
export function order(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  const [isOddA, isOddB] = [Number.isNaN(a), Number.isNaN(b)];
  if (isOddA || isOddB) {
    return Number(isOddA) - Number(isOddB);
  }
  return a === b || a === null || b === null ? 0 : a < b ? -1 : 1;
}

export function compares(comparison: '=' | '<>' | '<' | '<=' | '>' | '>=', sign: number): boolean {
  return {
    '=': sign === 0,
    '<>': sign !== 0,
    '<': sign < 0,
    '<=': sign <= 0,
    '>': sign > 0,
    '>=': sign >= 0,
  }[comparison];
}

export function cell(row: OddRow, column: string): Cell {
  return row[column] ?? null;
}

export function parseRow(texts: readonly CellText[]): OddRow {
  return Object.fromEntries(
    Object.keys(oddColumns).map((column, index) => {
      const text = texts[index] ?? null;
      return [column, text === null ? null : parse(column, text)];
    }),
  );
}

export function parse(column: string, value: AnyValue): Cell {
  switch (
    oddColumns[column as keyof typeof oddColumns] // one of the table's
  ) {
    case 'integer':
      return BigInt(value);
    case 'double':
      return Number(value);
    case 'boolean':
      return String(value) === 'true';
    case 'text':
      return String(value);
    default:
      return microsOfText(String(value));
  }
}
