import type { AnyValue, Condition } from '@sluice/schemas/expectations';

import type { Check } from '../../src/declaration/expand-expectation.ts';
import { sharedPattern } from '../../src/pattern/shared-pattern.ts';
import { microsOfText } from '../../src/sql/time-text.ts';
import type { CellText } from '../engines.ts';
import { oddColumns } from './odd-table.ts';

/** A value such that JavaScript's `<` orders it as the engines are to: times in microseconds. */
type Cell = bigint | number | boolean | string | null;
type Row = Readonly<Record<string, Cell>>;

/** The rows for which a condition holds. */
export function rowsWithin(
  scope: Condition,
  rows: readonly (readonly CellText[])[],
): (readonly CellText[])[] {
  return rows.filter((row) => holds(scope, parseRow(row)));
}

/** The ids of the rows that fail a check, by plain code and no SQL; `undefined` for what it leaves out. */
export function failingIds(
  check: Check,
  rows: readonly (readonly CellText[])[],
): string[] | undefined {
  const parsed = rows.map(parseRow);
  const when = 'when' in check ? check.when : undefined;
  const tested = parsed.filter((row) => when === undefined || holds(when, row));
  const fails = failureOf(check, tested);
  return fails && tested.filter(fails).map((row) => String(row['id']));
}

function failureOf(check: Check, tested: readonly Row[]): ((row: Row) => boolean) | undefined {
  switch (check.kind) {
    case 'not_null':
      return (row) => cell(row, check.column) === null;
    case 'null':
      return (row) => cell(row, check.column) !== null;
    case 'in_set':
      return (row) => cell(row, check.column) !== null && !isIn(row, check.column, check.values);
    case 'not_in_set':
    case 'no_sentinel':
      return (row) => isIn(row, check.column, check.values);
    case 'range':
      return (row) => {
        const found = cell(row, check.column);
        const against = (end: AnyValue | undefined) =>
          end === undefined ? undefined : order(found, parse(check.column, end));
        const [min, max, above, below] = [check.min, check.max, check.above, check.below].map(
          against,
        );
        return (
          found !== null &&
          (Number.isNaN(found) ||
            (min ?? 0) < 0 ||
            (max ?? 0) > 0 ||
            (above ?? 1) <= 0 ||
            (below ?? -1) >= 0)
        );
      };
    case 'length':
      return (row) => {
        const text = cell(row, check.column);
        const length = typeof text === 'string' ? Array.from(text).length : undefined;
        return (
          length !== undefined && (length < (check.min ?? 0) || length > (check.max ?? Infinity))
        );
      };
    case 'pattern':
    case 'not_pattern': {
      const pattern = new RegExp(`^(?:${sharedPattern(check.pattern)})$`, 'u');
      return (row) => {
        const text = cell(row, check.column);
        return typeof text === 'string' && pattern.test(text) !== (check.kind === 'pattern');
      };
    }
    case 'like':
    case 'not_like': {
      const pattern = likePattern(check.pattern);
      return (row) => {
        const text = cell(row, check.column);
        return typeof text === 'string' && pattern.test(text) !== (check.kind === 'like');
      };
    }
    case 'compare':
      return (row) => {
        const [a, b] = [cell(row, check.column), cell(row, check.other)];
        return a !== null && b !== null && !compares(check.compare, order(a, b));
      };
    case 'tuple_in_set':
      return (row) =>
        check.columns.every((column) => cell(row, column) !== null) &&
        !check.tuples.some((tuple) =>
          check.columns.every((column, index) => isIn(row, column, [tuple[index] ?? ''])),
        );
    case 'filled':
      return (row) => {
        const count = check.columns.filter((column) => cell(row, column) !== null).length;
        return !{
          exactly_one: count === 1,
          at_most_one: count <= 1,
          at_least_one: count >= 1,
          all_or_none: count === 0 || count === check.columns.length,
        }[check.filled];
      };
    case 'unique':
      return (row) =>
        check.columns.every((column) => cell(row, column) !== null) &&
        tested.filter((other) =>
          check.columns.every((column) => isEqual(cell(row, column), cell(other, column))),
        ).length > 1;
    case 'no_overlap':
      return (row) => overlaps(check, row, tested);
    default:
      return undefined;
  }
}

function overlaps(
  check: Extract<Check, { kind: 'no_overlap' }>,
  row: Row,
  tested: readonly Row[],
): boolean {
  const partition = check.partitionBy ?? [];
  const isTested = (other: Row): boolean =>
    [check.from, check.to, ...partition].every((column) => cell(other, column) !== null);
  const isForward = (other: Row): boolean =>
    order(cell(other, check.from), cell(other, check.to)) <= 0;
  if (!isTested(row)) {
    return false;
  }
  return (
    !isForward(row) ||
    tested.some(
      (other) =>
        other !== row &&
        isTested(other) &&
        isForward(other) &&
        partition.every((column) => isEqual(cell(row, column), cell(other, column))) &&
        order(cell(other, check.from), cell(row, check.to)) < 0 &&
        order(cell(row, check.from), cell(other, check.to)) < 0,
    )
  );
}

function holds(condition: Condition, row: Row): boolean {
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

function isIn(row: Row, column: string, values: readonly AnyValue[]): boolean {
  const found = cell(row, column);
  return found !== null && values.some((value) => isEqual(found, parse(column, value)));
}

function isEqual(a: Cell, b: Cell): boolean {
  return a !== null && b !== null && order(a, b) === 0;
}

/** NaN is above all and equals itself; texts are in the order of their bytes. */
function order(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  const [isOddA, isOddB] = [Number.isNaN(a), Number.isNaN(b)];
  if (isOddA || isOddB) {
    return Number(isOddA) - Number(isOddB);
  }
  return a === b || a === null || b === null ? 0 : a < b ? -1 : 1;
}

function compares(comparison: '=' | '<>' | '<' | '<=' | '>' | '>=', sign: number): boolean {
  return {
    '=': sign === 0,
    '<>': sign !== 0,
    '<': sign < 0,
    '<=': sign <= 0,
    '>': sign > 0,
    '>=': sign >= 0,
  }[comparison];
}

function cell(row: Row, column: string): Cell {
  return row[column] ?? null;
}

function parseRow(texts: readonly CellText[]): Row {
  return Object.fromEntries(
    Object.keys(oddColumns).map((column, index) => {
      const text = texts[index] ?? null;
      return [column, text === null ? null : parse(column, text)];
    }),
  );
}

function parse(column: string, value: AnyValue): Cell {
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

function likePattern(like: string): RegExp {
  const source = like.replaceAll(
    /\\(.)|([%_])|([$()*+./?[\\\]^{|}-])/gsu,
    (_, escaped: string | undefined, wild: string | undefined, meta: string | undefined) => {
      if (wild !== undefined) {
        return wild === '%' ? '.*' : '.';
      }
      const literal = escaped ?? meta ?? '';
      return /[$()*+./?[\\\]^{|}]/u.test(literal) ? `\\${literal}` : literal;
    },
  );
  return new RegExp(`^(?:${source})$`, 'su');
}
