import { daysSinceEpoch } from '@sluice/schemas';

import { deriveKey, hashLimit, hashRow, pickBelow, stepHash } from './row-hash.ts';
import type { ResolvedVotesOptions } from './votes-options.ts';

/** Votes of the real site by weekday, Monday first. */
const weekdayWeights = [6134, 6812, 6474, 6736, 6156, 4062, 3925] as const;

/**
 * Percent of an average month, January first: the real site's months after its first quarter, their
 * swing cut to a third, so that an ordinary week stays within a fifth of the mean.
 */
const monthPercents = [109, 96, 95, 96, 93, 94, 95, 98, 104, 104, 105, 110] as const;

/** Ordinary weeks differ by chance by this much from their season, in percent, either way. */
const weekNoisePercent = 6;

/** The real site's first week had 9 times, its second 6 times an average week; more would lift the mean too far. */
const launchPercents = [300, 200] as const;

/** Each half year has one busy week and each year one quiet one, so that there are always outliers. */
const busyWeek = { everyWeeks: 26, percent: 230 } as const;
const quietWeek = { everyWeeks: 52, percent: 40 } as const;

/** The real file has 4 rows in 40,299 that are dated after their successor. */
const lateDatedPart = 4 / 40_299;
/** By one or two days. */
const maxDaysLate = 2;

/** Steps of the table that finds a day's place, per day: the search then takes less than one step on average. */
const stepsPerDay = 4;

/** The days of a stream, and which row is on which of them. */
export interface VoteCalendar {
  readonly dayCount: number;
  /** The number of a row's day, from 0. Almost ascending: a few rows are dated a day or two late. */
  readonly dayOfRow: (row: number) => number;
  /** A day as `YYYY-MM-DD`. */
  readonly textOfDay: (day: number) => string;
}

/** Spreads a stream's rows over its days, by weekday, season and week. */
export function createVoteCalendar(
  options: Pick<ResolvedVotesOptions, 'seed' | 'from' | 'to' | 'streamRows'>,
): VoteCalendar {
  const { seed, from, to, streamRows } = options;
  const firstDay = epochDayOf(from);
  const dayCount = epochDayOf(to) - firstDay;
  const firstRows = spreadRows(weighDays({ firstDay, dayCount, seed }), streamRows);
  const findDay = createDaySearch(firstRows, streamRows);
  const key = deriveKey(seed, 'day');
  const lateDatedLimit = hashLimit(lateDatedPart);

  return {
    dayCount,
    dayOfRow: (row) => {
      const day = findDay(row);
      const hash = hashRow(key, row);
      if (hash >= lateDatedLimit) return day;
      return Math.min(dayCount - 1, day + 1 + (hash % maxDaysLate));
    },
    textOfDay: (day) => textOfEpochDay(firstDay + day),
  };
}

function weighDays({
  firstDay,
  dayCount,
  seed,
}: {
  readonly firstDay: number;
  readonly dayCount: number;
  readonly seed: number;
}): Float64Array {
  const key = deriveKey(seed, 'week');
  const firstWeek = weekOf(firstDay);
  return Float64Array.from({ length: dayCount }, (_, day) => {
    const epochDay = firstDay + day;
    const month = Number(textOfEpochDay(epochDay).slice(5, 7));
    const weekday = weekdayWeights[mondayFirst(epochDay)] ?? 0;
    return (
      weekday * (monthPercents[month - 1] ?? 0) * weekPercent(weekOf(epochDay) - firstWeek, key)
    );
  });
}

function weekPercent(week: number, key: number): number {
  const launch = launchPercents[week];
  if (launch !== undefined) return launch;
  if (isChosenWeek(week, busyWeek.everyWeeks, key)) return busyWeek.percent;
  if (isChosenWeek(week, quietWeek.everyWeeks, stepHash(key, 1))) return quietWeek.percent;
  return 100 - weekNoisePercent + pickBelow(hashRow(key, week), 2 * weekNoisePercent + 1);
}

/** Whether a week is the one that is chosen among its `everyWeeks`. */
function isChosenWeek(week: number, everyWeeks: number, key: number): boolean {
  const group = Math.floor(week / everyWeeks);
  return week - group * everyWeeks === pickBelow(stepHash(key, group + 1), everyWeeks);
}

/** The first row of each day, then infinity. The sums of weights are exact integers. */
function spreadRows(weights: Float64Array, streamRows: number): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const firstRows = new Float64Array(weights.length + 1);
  let sum = 0;
  for (const [day, weight] of weights.entries()) {
    firstRows[day] = Math.floor((sum / total) * streamRows);
    sum += weight;
  }
  firstRows[weights.length] = Infinity;
  return firstRows;
}

function createDaySearch(firstRows: Float64Array, streamRows: number): (row: number) => number {
  const dayCount = firstRows.length - 1;
  const stepCount = dayCount * stepsPerDay;
  const dayOfStep = new Uint32Array(stepCount);
  const firstRowOf = (step: number) => Math.floor((step / stepCount) * streamRows);
  let day = 0;
  for (let step = 0; step < stepCount; step += 1) {
    while ((firstRows[day + 1] ?? Infinity) <= firstRowOf(step)) day += 1;
    dayOfStep[step] = day;
  }
  return (row) => {
    let found = dayOfStep[Math.floor((row / streamRows) * stepCount)] ?? 0;
    while ((firstRows[found + 1] ?? Infinity) <= row) found += 1;
    return found;
  };
}

function epochDayOf(text: string): number {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return daysSinceEpoch(year, month, day);
}

function textOfEpochDay(epochDay: number): string {
  const millisecondsPerDay = 86_400_000;
  return new Date(epochDay * millisecondsPerDay).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
function weekOf(epochDay: number): number {
  return Math.floor((epochDay + 3) / 7);
}

function mondayFirst(epochDay: number): number {
  return epochDay + 3 - weekOf(epochDay) * 7;
}
