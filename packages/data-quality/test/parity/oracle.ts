import type { AnyValue, Condition } from '@sluice/schemas/expectations';

import type { Check } from '../../src/declaration/expand-expectation.ts';
import { sharedPattern } from '../../src/pattern/shared-pattern.ts';
import { textOfMicros } from '../../src/sql/time-text.ts';
import type { CellText } from '../engines.ts';
import { isJsonOf } from './json-oracle.ts';
import { cell, compares, holds, isEqual, isIn, order, parse, parseRow } from './odd-row.ts';
import type { Cell, OddRow } from './odd-row.ts';

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

function failureOf(
  check: Check,
  tested: readonly OddRow[],
): ((row: OddRow) => boolean) | undefined {
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
    case 'sequence':
      return (row) => breaksSequence(check, row, tested);
    case 'no_outliers':
      return (row) => isOutlier(check, row, tested);
    case 'json':
      return (row) => {
        const text = cell(row, check.column);
        return typeof text === 'string' && !isJsonOf(check, text);
      };
    default:
      return undefined;
  }
}

function overlaps(
  check: Extract<Check, { kind: 'no_overlap' }>,
  row: OddRow,
  tested: readonly OddRow[],
): boolean {
  const partition = check.partitionBy ?? [];
  const isTested = (other: OddRow): boolean =>
    [check.from, check.to, ...partition].every((column) => cell(other, column) !== null);
  const isForward = (other: OddRow): boolean =>
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

function breaksSequence(
  check: Extract<Check, { kind: 'sequence' }>,
  row: OddRow,
  tested: readonly OddRow[],
): boolean {
  const { column, partitionBy = [], orderBy = [column], step } = check;
  const needs = [column, ...partitionBy, ...orderBy];
  const isTested = (other: OddRow): boolean =>
    needs.every((name) => cell(other, name) !== null) &&
    !(typeof cell(other, column) === 'number' && !Number.isFinite(cell(other, column)));
  const compareRows = (a: OddRow, b: OddRow): number =>
    orderBy.map((name) => order(cell(a, name), cell(b, name))).find((sign) => sign !== 0) ?? 0;
  if (!isTested(row)) {
    return false;
  }
  const earlier = tested
    .filter(
      (other) =>
        isTested(other) &&
        partitionBy.every((name) => isEqual(cell(row, name), cell(other, name))) &&
        compareRows(other, row) < 0,
    )
    .sort(compareRows);
  const last = earlier.at(-1);
  const group = earlier.filter((other) => last !== undefined && compareRows(other, last) === 0);
  const sign = check.direction === 'descending' ? -1 : 1;
  const [before] = group.map((other) => cell(other, column)).sort((a, b) => -sign * order(a, b));
  if (before === undefined) {
    return false;
  }
  const value = cell(row, column);
  if (step === undefined) {
    const change = sign * order(value, before);
    return !(change > 0 || (change === 0 && check.mayRepeat === true));
  }
  const [from, to] = sign === 1 ? [before, value] : [value, before];
  return typeof from !== 'bigint' || to !== stepFrom(from, step);
}

function stepFrom(
  from: bigint,
  step: NonNullable<Extract<Check, { kind: 'sequence' }>['step']>,
): bigint {
  if (typeof step === 'number' || typeof step === 'bigint') {
    return from + BigInt(step);
  }
  if (typeof step === 'object') {
    return from + BigInt(step.ms) * 1_000n;
  }
  if (step !== 'month') {
    return from + { hour: 3_600_000_000n, day: 86_400_000_000n, week: 604_800_000_000n }[step];
  }
  const text = textOfMicros(from);
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number);
  const inMonths = (year ?? 0) * 12 + (month ?? 0);
  const target = new Date(0);
  target.setUTCFullYear(Math.floor(inMonths / 12), (inMonths % 12) + 1, 0);
  const last = Math.min(day ?? 0, target.getUTCDate());
  target.setUTCDate(last);
  const ofDay = ((from % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n;
  return BigInt(target.getTime()) * 1_000n + ofDay;
}

function isOutlier(
  {
    column,
    partitionBy = [],
    deviations,
    minDistance = 0,
  }: Extract<Check, { kind: 'no_outliers' }>,
  row: OddRow,
  tested: readonly OddRow[],
): boolean {
  const isSmall = (value: Cell): value is number | bigint =>
    typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) < 1e290);
  const value = cell(row, column);
  if (value === null || partitionBy.some((name) => cell(row, name) === null)) {
    return false;
  }
  if (!isSmall(value)) {
    return true;
  }
  const values = tested
    .filter((other) => partitionBy.every((name) => isEqual(cell(row, name), cell(other, name))))
    .map((other) => cell(other, column))
    .filter(isSmall);
  const lowerMedian = <Item extends number | bigint>(items: readonly Item[]): Item | undefined =>
    [...items].sort(order)[Math.ceil(items.length / 2) - 1];
  const distancesFrom = (median: number | bigint): (number | bigint)[] =>
    values.map((item) => distanceOf(item, median));
  const median = lowerMedian(values) ?? value;
  const distance = Number(distanceOf(value, median));
  const spread = Number(lowerMedian(distancesFrom(median)));
  return distance > minDistance && distance > deviations * 1.482_602_218_505_602 * spread;
}

function distanceOf(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    return a < b ? b - a : a - b;
  }
  return Math.abs(Number(a) - Number(b));
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
