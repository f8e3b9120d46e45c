import type { ArrivalCalendar } from '../expectations/arrival-calendar.ts';
import { addDays, daysBetween } from './business-day.ts';
import type { BusinessDay, DatasetContract } from './dataset-contract.ts';
import { dueAtMs, lastPublishedDay } from './publication-calendar.ts';

const millisecondsPerMinute = 60_000;

/** Business days, both ends included. */
export interface DayPeriod {
  readonly from: BusinessDay;
  readonly to: BusinessDay;
}

/**
 * The publication calendar of a dataset as checks of arrival read it: a slot is a business day of the
 * period, which begins, as dates do there, at midnight UTC. A day is due when its grace is over: until
 * then it is late, and nothing is wrong.
 */
export function publicationArrivals(contract: DatasetContract, period: DayPeriod): ArrivalCalendar {
  const graceMs = contract.publication.graceMinutes * millisecondsPerMinute;
  const first = later(period.from, contract.firstBusinessDay);
  const newestDue = (nowMs: number): BusinessDay | undefined => {
    const newest = newestOverdue(contract, nowMs, graceMs);
    const last = newest < period.to ? newest : period.to;
    return last < first ? undefined : last;
  };
  return {
    newestDueMs: (nowMs) => {
      const day = newestDue(nowMs);
      return day === undefined ? undefined : slotMs(day);
    },
    dueSlotsMs: (nowMs) => daysBetween(first, newestDue(nowMs) ?? addDays(first, -1)).map(slotMs),
  };
}

function newestOverdue(contract: DatasetContract, nowMs: number, graceMs: number): BusinessDay {
  let day = lastPublishedDay(contract, nowMs);
  while (dueAtMs(contract, day) + graceMs > nowMs) {
    day = addDays(day, -1);
  }
  return day;
}

/** The beginning of a day's slot: its date at midnight, UTC. */
function slotMs(day: BusinessDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function later(left: BusinessDay, right: BusinessDay): BusinessDay {
  return left > right ? left : right;
}
