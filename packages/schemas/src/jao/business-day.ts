import { Temporal } from 'temporal-polyfill';

import { isCalendarDay } from '../utc-timestamp.ts';
import type { BusinessDay, DatasetContract } from './dataset-contract.ts';

const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const millisecondsPerDay = 86_400_000;
/** About 30 years of one zone: what a cache holds before it starts anew. */
const maxCachedDays = 10_000;

/** A half-open interval of UTC instants, in milliseconds since 1970. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** What of a contract the calendar needs. */
export type InZone = Pick<DatasetContract, 'zone'>;

const startsByZone = new Map<string, Map<BusinessDay, number>>();

/** Whether `text` is a calendar day of the form `2026-04-20`. */
export function isBusinessDay(text: string): boolean {
  const match = dayPattern.exec(text);
  return match !== null && isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/**
 * The UTC interval of a business day: local midnight to local midnight, 23, 24 or 25 hours.
 *
 * @throws {RangeError} `day` is no calendar day.
 */
export function businessDayBounds(contract: InZone, day: BusinessDay): Window {
  return {
    startMs: startOfDay(contract.zone, day),
    endMs: startOfDay(contract.zone, addDays(day, 1)),
  };
}

/** The business day that an instant lies in. */
export function businessDayOf(contract: InZone, instantMs: number): BusinessDay {
  const utcDay = isoDay(instantMs);
  // Local time is less than a day from UTC, so it is that day or a neighbour of it.
  if (instantMs < startOfDay(contract.zone, utcDay)) {
    return addDays(utcDay, -1);
  }
  const nextDay = addDays(utcDay, 1);
  return instantMs < startOfDay(contract.zone, nextDay) ? utcDay : nextDay;
}

/**
 * The day `count` days later, or earlier where it is negative.
 *
 * @throws {RangeError} `day` is no calendar day, or the result is not in the years 0001 to 9999.
 */
export function addDays(day: BusinessDay, count: number): BusinessDay {
  const result = isoDay(utcMidnight(day) + count * millisecondsPerDay);
  if (!isBusinessDay(result)) {
    throw new RangeError(`${day} and ${count} days is outside the years 0001 to 9999`);
  }
  return result;
}

/** All days from `from` to `to`, both included, ascending; none when `from` is after `to`. */
export function daysBetween(from: BusinessDay, to: BusinessDay): BusinessDay[] {
  const firstMs = utcMidnight(from);
  const count = (utcMidnight(to) - firstMs) / millisecondsPerDay + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    isoDay(firstMs + index * millisecondsPerDay),
  );
}

/**
 * The instant that a local time of day names on a day. A time that the spring change leaves out is
 * taken by as much later, and of one that comes twice in autumn the first is meant.
 */
export function localTimeMs(zone: string, day: BusinessDay, localTime: string): number {
  return Temporal.PlainDateTime.from(`${day}T${localTime}`).toZonedDateTime(zone, {
    disambiguation: 'compatible',
  }).epochMilliseconds;
}

function startOfDay(zone: string, day: BusinessDay): number {
  const starts = cacheOf(zone);
  const known = starts.get(day);
  if (known !== undefined) {
    return known;
  }
  utcMidnight(day);
  // Not 00:00 by force: there are zones whose clocks change at midnight.
  const startMs = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  if (starts.size >= maxCachedDays) {
    starts.clear();
  }
  starts.set(day, startMs);
  return startMs;
}

function cacheOf(zone: string): Map<BusinessDay, number> {
  const known = startsByZone.get(zone);
  if (known !== undefined) {
    return known;
  }
  const starts = new Map<BusinessDay, number>();
  startsByZone.set(zone, starts);
  return starts;
}

function utcMidnight(day: BusinessDay): number {
  if (!isBusinessDay(day)) {
    throw new RangeError(`a business day is a calendar day like 2026-04-20, not ${day}`);
  }
  return Date.parse(`${day}T00:00:00Z`);
}

function isoDay(instantMs: number): BusinessDay {
  const text = new Date(instantMs).toISOString();
  return text.slice(0, text.indexOf('T'));
}
