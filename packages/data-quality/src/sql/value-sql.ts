import type { AnyValue, ColumnType } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { castNames } from './dialect.ts';
import { parameter } from './sql.ts';
import type { Sql } from './sql.ts';
import { microsOfText, namesZone, textOfMicros } from './time-text.ts';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/**
 * A declared value of a column's type, as a parameter.
 *
 * @throws {QualityError} `DECLARATION` where it is no value of the type.
 */
export function valueSql(type: ColumnType, value: AnyValue): Sql {
  return parameter(valueText(type, value), castNames[type]);
}

function valueText(type: ColumnType, value: AnyValue): string {
  switch (type) {
    case 'integer':
      return integerText(value);
    case 'double':
      return typeof value === 'number' ? String(value) : refuse(type, value);
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : refuse(type, value);
    case 'text':
      return typeof value === 'string' ? storableText(value) : refuse(type, value);
    case 'date':
    case 'timestamp':
    case 'instant':
      return typeof value === 'string' ? timeText(type, value) : refuse(type, value);
  }
}

function integerText(value: AnyValue): string {
  if (typeof value === 'bigint' && value >= minInt64 && value <= maxInt64) {
    return String(value);
  }
  return Number.isSafeInteger(value) ? String(BigInt(Number(value))) : refuse('integer', value);
}

/** Postgres has no NUL in a text, and half of a surrogate pair is no character anywhere. */
function storableText(value: string): string {
  return value.isWellFormed() && !value.includes('\0') ? value : refuse('text', value);
}

/** The engines differ in what they make of a zone where none belongs, and of one that is missing. */
function timeText(type: 'date' | 'timestamp' | 'instant', value: string): string {
  const micros = microsOfText(value);
  if (typeof micros === 'number' || namesZone(value) !== (type === 'instant')) {
    return refuse(type, value);
  }
  const text = textOfMicros(micros);
  if (type === 'date') {
    return value.length === 10 ? text.slice(0, 10) : refuse(type, value);
  }
  return type === 'instant' ? `${text}+00` : text;
}

function refuse(type: ColumnType, value: AnyValue): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new QualityError('DECLARATION', `${shown} is no value of type ${type}`);
}
