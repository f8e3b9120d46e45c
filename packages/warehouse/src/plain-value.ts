import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { DuckDBValue } from '@duckdb/node-api';

/** A value as JSON and CSV can carry it. An integer that no number holds exactly is a bigint. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** Digits that a double always holds exactly. */
const exactDigits = 15;
const instantPattern = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?$/;

/**
 * A DuckDB value in plain terms: time stamps as ISO 8601 text in UTC, blobs as base64, decimals as
 * numbers where a number holds them exactly and as text where not, `NaN` and the infinities as
 * text, maps as lists of key and value. What has no plain form comes as DuckDB writes it.
 */
export function toPlainValue(value: DuckDBValue): PlainValue {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return narrowInteger(value);
    case 'string':
    case 'boolean':
      return value;
    default:
      return value === null ? null : fromObject(value);
  }
}

/** An integer as a number, where a number holds it exactly. */
export function narrowInteger(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function fromObject(value: Exclude<DuckDBValue, null | boolean | number | bigint | string>) {
  if (value instanceof DuckDBBlobValue) {
    return Buffer.from(value.bytes).toString('base64');
  }
  if (value instanceof DuckDBDecimalValue) {
    const isExact = String(value.value).length <= exactDigits;
    return isExact ? value.toDouble() : value.toString();
  }
  if (value instanceof DuckDBTimestampTZValue) {
    return isoInstant(new DuckDBTimestampValue(value.micros).toString());
  }
  if (
    value instanceof DuckDBTimestampValue ||
    value instanceof DuckDBTimestampSecondsValue ||
    value instanceof DuckDBTimestampMillisecondsValue ||
    value instanceof DuckDBTimestampNanosecondsValue
  ) {
    return isoInstant(value.toString());
  }
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map(toPlainValue);
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, entry]) => [name, toPlainValue(entry)]),
    );
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({
      key: toPlainValue(entry.key),
      value: toPlainValue(entry.value),
    }));
  }
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) {
    return toPlainValue(value.value);
  }
  return value.toString();
}

/** `infinity`, and years outside 0000 to 9999, have no ISO form and stay as DuckDB writes them. */
function isoInstant(text: string): string {
  const [, day, time, fraction = ''] = instantPattern.exec(text) ?? [];
  if (day === undefined || time === undefined) {
    return text;
  }
  const digits = Math.max(3, Math.ceil(fraction.length / 3) * 3);
  return `${day}T${time}.${fraction.padEnd(digits, '0')}Z`;
}
