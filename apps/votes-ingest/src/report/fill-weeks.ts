import type { WeekCount } from '@sluice/report';

import { weekLabel } from '../outliers/outlier-weeks.ts';
import type { JudgedWeek } from './read-votes-facts.ts';

const dayMs = 86_400_000;

/** More weeks than five years have no chart shows. */
const maxWeeks = 265;
const maxYears = 5;

/** The newest weeks of a calendar up to the last, those without votes included. */
export function fillWeeks(weeks: readonly JudgedWeek[]): WeekCount[] {
  const [first] = weeks;
  const last = weeks.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const known = new Map(weeks.map((week) => [weekLabel(week), week]));
  // One wrong date may be thousands of years away.
  const from =
    last.Year - first.Year > maxYears ? { Year: last.Year - maxYears, WeekNumber: 1 } : first;
  return weekLabels(from, last)
    .slice(-maxWeeks)
    .map((label) => {
      const week = known.get(label);
      return { label, count: week?.VoteCount ?? null, isOutlier: week?.isOutlier ?? false };
    });
}

type Week = Pick<JudgedWeek, 'Year' | 'WeekNumber'>;

function weekLabels(first: Week, last: Week): string[] {
  const labels: string[] = [];
  for (let { Year, WeekNumber } = first; !isAfter({ Year, WeekNumber }, last);) {
    labels.push(weekLabel({ Year, WeekNumber }));
    if (WeekNumber === lastWeekOf(Year)) {
      Year += 1;
      WeekNumber = startsOnMonday(Year) ? 1 : 0;
    } else {
      WeekNumber += 1;
    }
  }
  return labels;
}

function isAfter(left: Week, right: Week): boolean {
  return (
    left.Year - right.Year > 0 || (left.Year === right.Year && left.WeekNumber > right.WeekNumber)
  );
}

/** The week of 31 December: its day of the year less the days since Monday, in whole weeks. */
function lastWeekOf(year: number): number {
  const start = yearStart(year);
  const end = yearStart(year + 1) - dayMs;
  const dayOfYear = (end - start) / dayMs + 1;
  return Math.floor((dayOfYear + 7 - isoWeekday(end)) / 7);
}

function startsOnMonday(year: number): boolean {
  return isoWeekday(yearStart(year)) === 1;
}

/** `Date.UTC` takes the years before 100 for those of the twentieth century. */
function yearStart(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}

function isoWeekday(instantMs: number): number {
  return new Date(instantMs).getUTCDay() || 7;
}
