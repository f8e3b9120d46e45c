import { parseUtcTimestamp } from '../utc-timestamp.ts';
import { decodeString } from './json-text.ts';

const integerText = /^(-?[0-9]{1,19})$/;
const maxInt64 = 2n ** 63n - 1n;
const zonedTimestamp = /T.*(?:Z|[+-][0-9]{2}:[0-9]{2})$/;
const zonelessTimestamp =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?$/;

/** A field's value, `null` where the row has none, `undefined` where it is not of its type. */
export type FieldValue<T> = T | null | undefined;

/** The instant of `dateTimeUtc`, UTC milliseconds; it must say its zone, and be a whole millisecond. */
export function parseDeliveryStart(jsonText: string | undefined): number | undefined {
  const text = stringOf(jsonText);
  if (typeof text !== 'string' || !zonedTimestamp.test(text)) {
    return undefined;
  }
  const microseconds = parseUtcTimestamp(text);
  return microseconds === undefined || microseconds % 1000n !== 0n
    ? undefined
    : Number(microseconds / 1000n);
}

/** A row's `id`, from its digits: one above 2^53 is not rounded. */
export function parseRowId(jsonText: string | undefined): FieldValue<bigint> {
  const text = jsonText?.startsWith('"') ? stringOf(jsonText) : jsonText;
  if (text === undefined || text === null || text === 'null') {
    return null;
  }
  const id = integerText.test(text) ? BigInt(text) : undefined;
  return id !== undefined && id <= maxInt64 && id >= -maxInt64 ? id : undefined;
}

/**
 * A row's `lastModifiedOn` as written, cut to 6 fractional digits. One that names a zone is not of
 * the type: nobody knows what the others are in.
 */
export function parseModifiedAt(jsonText: string | undefined): FieldValue<string> {
  const text = stringOf(jsonText);
  if (typeof text !== 'string') {
    return text;
  }
  const match = zonelessTimestamp.exec(text);
  if (match === null) {
    return undefined;
  }
  const fraction = match[2]?.slice(0, 6);
  const cut = `${match[1] ?? ''}${fraction === undefined ? '' : `.${fraction}`}`;
  return parseUtcTimestamp(cut) === undefined ? undefined : cut;
}

function stringOf(jsonText: string | undefined): FieldValue<string> {
  if (jsonText === undefined || jsonText === 'null') {
    return null;
  }
  return jsonText.startsWith('"') ? decodeString(jsonText) : undefined;
}
