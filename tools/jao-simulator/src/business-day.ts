/** The zone whose local midnights bound the business days of every simulated dataset. */
const zone = 'Europe/Amsterdam';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

const offsetFormat = new Intl.DateTimeFormat('en-US', {
  timeZone: zone,
  timeZoneName: 'longOffset',
});

const dayStarts = new Map<string, number>();

/** A business day as an ISO calendar date, `2026-03-29`. */
export type BusinessDay = string;

/**
 * UTC epoch milliseconds of the local midnight at which `day` begins.
 *
 * @throws {RangeError} when `day` is no calendar date.
 */
export function dayStartMs(day: BusinessDay): number {
  const known = dayStarts.get(day);
  if (known !== undefined) return known;
  const startMs = localTimeMs(day, '00:00');
  dayStarts.set(day, startMs);
  return startMs;
}

/** Where `day` ends: the next local midnight, exclusive. */
export function dayEndMs(day: BusinessDay): number {
  return dayStartMs(addDays(day, 1));
}

/** The business day that holds an instant. */
export function businessDayOf(instantMs: number): BusinessDay {
  return new Date(instantMs + offsetMs(instantMs)).toISOString().slice(0, 10);
}

/**
 * UTC epoch milliseconds of a local clock time, `10:30`, on a calendar date.
 *
 * @throws {RangeError} when `day` is no calendar date.
 */
export function localTimeMs(day: BusinessDay, time: string): number {
  const asIfUtcMs = Date.parse(`${day}T${time}:00.000Z`);
  if (Number.isNaN(asIfUtcMs) || !new Date(asIfUtcMs).toISOString().startsWith(day)) {
    throw new RangeError(`business day: expected YYYY-MM-DD, received '${day}'`);
  }
  // The zone is one or two hours ahead of UTC and changes at 01:00Z, so an hour back is near enough.
  return asIfUtcMs - offsetMs(asIfUtcMs - offsetMs(asIfUtcMs - hourMs));
}

/** The calendar date `count` days after `day`; `count` may be negative. */
export function addDays(day: BusinessDay, count: number): BusinessDay {
  return new Date(Date.parse(day) + count * dayMs).toISOString().slice(0, 10);
}

/** Calendar days from `first` to `day`. */
export function daysSince(first: BusinessDay, day: BusinessDay): number {
  return Math.round((Date.parse(day) - Date.parse(first)) / dayMs);
}

/** The business days that a half-open window touches, ascending. */
export function daysOfWindow(fromMs: number, toMs: number): BusinessDay[] {
  const days: BusinessDay[] = [];
  let day = businessDayOf(fromMs);
  while (dayStartMs(day) < toMs) {
    days.push(day);
    day = addDays(day, 1);
  }
  return days;
}

/** Where the delivery periods of `day` start, ascending: one each `minutes`, in UTC epoch milliseconds. */
export function deliveryStarts(day: BusinessDay, minutes: number): number[] {
  const startMs = dayStartMs(day);
  const stepMs = minutes * minuteMs;
  const count = (dayEndMs(day) - startMs) / stepMs;
  return Array.from({ length: count }, (_, step) => startMs + step * stepMs);
}

function offsetMs(instantMs: number): number {
  const [, hours] = /GMT\+(\d{2}):00$/.exec(offsetFormat.format(instantMs)) ?? [];
  if (hours === undefined) throw new RangeError(`${zone}: no whole-hour offset at ${instantMs}`);
  return Number(hours) * hourMs;
}
