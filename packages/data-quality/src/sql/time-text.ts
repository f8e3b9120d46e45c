import { QualityError } from '../errors.ts';

const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const timePattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const dayMs = 86_400_000;
const microsPerMs = 1_000n;

/**
 * Microseconds since 1970-01-01 UTC of a date or time, written as ISO 8601 or as the engines write it,
 * with or without a zone, which is UTC then; ±Infinity for the engines' `infinity`.
 *
 * @throws {QualityError} `DECLARATION` where it is none of the years 0001 to 9999.
 */
export function microsOfText(text: string): bigint | number {
  if (text === 'infinity' || text === '-infinity') {
    return text === 'infinity' ? Infinity : -Infinity;
  }
  const [, day = text, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] =
    timePattern.exec(text) ?? [];
  const ms =
    dayOf(day, text) +
    ((inRange(hour, 23, text) * 60 + inRange(minute, 59, text)) * 60 + inRange(second, 59, text)) *
      1_000;
  return (BigInt(ms) - BigInt(offsetMs(zone))) * microsPerMs + BigInt(fraction.padEnd(6, '0'));
}

/** Whether a text of a time says which zone it is in. */
export function namesZone(text: string): boolean {
  return timePattern.exec(text)?.[6] !== undefined;
}

/** A time as both engines read it, in UTC: `2026-04-20 10:30:00.000000`. */
export function textOfMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const iso = new Date(Number((micros - fraction) / microsPerMs)).toISOString();
  return `${iso.slice(0, 19).replace('T', ' ')}.${String(fraction).padStart(6, '0')}`;
}

function dayOf(day: string, text: string): number {
  const [, year = '', month = '', date = ''] = dayPattern.exec(day) ?? [];
  // `Date.UTC` would take the years 0 to 99 for 1900 to 1999.
  const instant = new Date(0);
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(date));
  const isReal = year !== '' && year !== '0000' && instant.toISOString().startsWith(day);
  if (!isReal) {
    throw new QualityError(
      'DECLARATION',
      `${JSON.stringify(text)} is no date or time, such as 2026-04-20T10:30:00`,
    );
  }
  return Math.floor(instant.getTime() / dayMs) * dayMs;
}

function inRange(digits: string, max: number, text: string): number {
  const number = Number(digits);
  if (number > max) {
    throw new QualityError('DECLARATION', `${JSON.stringify(text)} is no time of day`);
  }
  return number;
}

function offsetMs(zone: string): number {
  if (zone === '' || zone === 'Z') {
    return 0;
  }
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
