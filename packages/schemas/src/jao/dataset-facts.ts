import type {
  DatedStep,
  FactOrigin,
  PublicationCalendar,
  StepMinutes,
} from './dataset-contract.ts';
import { sourced } from './dataset-group.ts';
import type { Sourced } from './dataset-group.ts';

/** A day's values were seen an hour after their deadline; twice that is still only late. */
const graceMinutes = 120;
/** Nobody says until when a day may still appear; a week covers a failed publication on holidays. */
const giveUpHours = 7 * 24;
/** Twice that, so that whoever looks once a week sees the gap before it is taken for an end. */
const seriesEndsAfterDays = 14;

const patience = { graceMinutes, giveUpHours, seriesEndsAfterDays };

/** Hourly, always. */
export const hourly = constantStep(60);
/** Quarter-hourly, always. */
export const quarterHourly = constantStep(15);
/** Hourly until the European day-ahead market went to quarter-hours on delivery day 2025-10-01. */
export const quarterHourlySinceOctober2025: readonly DatedStep[] = [
  { fromBusinessDay: null, minutes: 60 },
  { fromBusinessDay: '2025-10-01', minutes: 15 },
];

/** The final capacity domain, and what follows from it. */
export const finalDomainTime = '10:30';
/** What limited the market's result. */
export const shadowPriceTime = '13:00';
/** Income of the day-ahead auction. */
export const congestionIncomeTime = '15:00';
/** What the day-ahead auction's results imply. */
export const marketResultTime = '15:50';

/** Due on the day before delivery. */
export function dueTheDayBefore(
  dueLocalTime: string,
  origin: FactOrigin,
): Sourced<PublicationCalendar> {
  return sourced(origin, { dueDayOffset: -1, dueLocalTime, ...patience });
}

/** Due on the day of delivery. */
export function dueOnTheDay(
  dueLocalTime: string,
  origin: FactOrigin,
): Sourced<PublicationCalendar> {
  return sourced(origin, { dueDayOffset: 0, dueLocalTime, ...patience });
}

/** Keys of the form `border_AT_BE`, with any of the prefixes: an ordered pair of zones or hubs. */
export function pairKeys(...prefixes: readonly string[]): RegExp {
  return new RegExp(`^(?:${prefixes.join('|')})_[A-Za-z0-9]+(?:_[A-Za-z0-9-]+)+$`);
}

/** Keys of the form `hub_AT`, or `minAT` without the `_`: one zone, hub or operator. */
export function hubKeys(...prefixes: readonly string[]): RegExp {
  return new RegExp(`^(?:${prefixes.join('|')})_?[A-Z0-9][A-Za-z0-9]*(?:_[A-Za-z0-9-]+)*$`);
}

/** Keys whose form no source shows: any plain name. */
export const anyKeys = /^[A-Za-z][A-Za-z0-9_-]*$/;

function constantStep(minutes: StepMinutes): readonly DatedStep[] {
  return [{ fromBusinessDay: null, minutes }];
}
