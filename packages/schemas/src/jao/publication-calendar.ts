import { addDays, businessDayBounds, businessDayOf, localTimeMs } from './business-day.ts';
import type { InZone } from './business-day.ts';
import type { BusinessDay, DatasetContract, StepMinutes } from './dataset-contract.ts';

/** What of a contract the delivery periods depend on. */
type Stepped = InZone & Pick<DatasetContract, 'steps'>;
/** What of a contract the due times depend on. */
type Published = InZone & Pick<DatasetContract, 'publication'>;

const millisecondsPerMinute = 60_000;
/** About 30 years of one calendar: what a cache holds before it starts anew. */
const maxCachedDays = 10_000;

/** By the calendar's own object, so that a contract made up by a test has a cache of its own. */
const dueTimes = new WeakMap<DatasetContract['publication'], Map<string, number>>();

/** Length of the delivery periods that the contract expects on a day, in minutes. */
export function stepMinutes(contract: Pick<Stepped, 'steps'>, day: BusinessDay): StepMinutes {
  const step = contract.steps.findLast(
    ({ fromBusinessDay }) => fromBusinessDay === null || fromBusinessDay <= day,
  );
  if (step === undefined) {
    throw new RangeError('the first step of a dataset must hold always: fromBusinessDay null');
  }
  return step.minutes;
}

/**
 * Starts of all delivery periods of a day, UTC milliseconds, ascending: 23, 24 or 25 hours of them.
 * `minutes` is the step that the contract expects, unless another is given.
 */
export function deliveryStarts(
  contract: Stepped,
  day: BusinessDay,
  minutes: StepMinutes = stepMinutes(contract, day),
): number[] {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const stepMs = minutes * millisecondsPerMinute;
  return Array.from(
    { length: Math.ceil((endMs - startMs) / stepMs) },
    (_, index) => startMs + index * stepMs,
  );
}

/** When the values of a business day are due, UTC milliseconds. */
export function dueAtMs(contract: Published, day: BusinessDay): number {
  const { zone, publication } = contract;
  const known = dueTimes.get(publication) ?? new Map<string, number>();
  dueTimes.set(publication, known);
  const cacheKey = `${day} ${zone}`;
  const cached = known.get(cacheKey);
  if (cached !== undefined) {
    return cached;
  }
  const dueDay = addDays(day, publication.dueDayOffset);
  const dueMs = localTimeMs(zone, dueDay, publication.dueLocalTime);
  if (known.size >= maxCachedDays) {
    known.clear();
  }
  known.set(cacheKey, dueMs);
  return dueMs;
}

/** The newest business day whose due time has passed at `nowMs`, the due time itself included. */
export function lastPublishedDay(contract: Published, nowMs: number): BusinessDay {
  let day = addDays(businessDayOf(contract, nowMs), 1 - contract.publication.dueDayOffset);
  while (dueAtMs(contract, day) > nowMs) {
    day = addDays(day, -1);
  }
  return day;
}
