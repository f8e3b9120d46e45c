import type { ColumnProfile, TableProfile } from '@sluice/schemas/expectations';

import { candidate, grouped, groupedOf, idOf, leastRows } from './candidate.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';

const dayMs = 86_400_000;
/** A table that only grows is not to lose a tenth. */
const keptShare = 0.9;
/** Two of each weekday, and then some. */
const leastDays = 21;
/** Medians of weekdays are further apart than by chance. */
const errorsApart = 4;
const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
type Days = NonNullable<ColumnProfile['days']>;

/** How many rows there are, and on which days; how old the newest one is. */
export function proposeVolume(read: ProfileToRead): Candidate[] {
  const { profile, idPrefix, isPart = false } = read;
  const time = profile.columns.find(({ name }) => name === profile.timeColumn);
  return [
    ...(isPart || profile.rows < leastRows ? [] : [ofRows(profile.rows, idPrefix)]),
    ...(time?.days == null ? [] : ofTime(time.name, time.days, idPrefix)),
  ];
}

function ofRows(rows: number, idPrefix: string): Candidate {
  return candidate(
    {
      id: idOf(idPrefix, [], 'rows'),
      kind: 'row_count',
      warn: { min: Math.floor(rows * keptShare) },
      error: { min: 1 },
    },
    `${groupedOf(rows, 'row')}; fewer than nine tenths of them would be a loss`,
  );
}

/** Days that are there, and the calendar that they suggest. */
export function calendarOf({ columns, timeColumn }: TableProfile) {
  const days = columns.find(({ name }) => name === timeColumn)?.days;
  return days == null
    ? undefined
    : {
        firstMs: Date.parse(`${days.first}T00:00:00Z`),
        lastMs: Date.parse(`${days.last}T00:00:00Z`),
        stepMs: dayMs,
      };
}

function ofTime(column: string, days: Days, idPrefix: string): Candidate[] {
  const spread = `${groupedOf(days.observed, 'day')} from ${days.first} to ${days.last} with rows, ${grouped(days.missing)} without`;
  const maxAgeMs = (days.widestStepDays + 1) * dayMs;
  const arrival =
    days.observed < leastDays
      ? []
      : [
          candidate(
            {
              id: idOf(idPrefix, [column], 'fresh'),
              kind: 'freshness',
              column,
              warn: { maxAgeMs },
            },
            `${spread}; the next day with rows was never more than ${groupedOf(days.widestStepDays, 'day')} away; ${arrivalGrain(days)}`,
          ),
          candidate(
            {
              id: idOf(idPrefix, [column], 'gaps'),
              kind: 'gaps',
              ...{ column, expected: 'calendar', grain: 'day' },
            },
            `${spread}; a calendar of days that begins with ${days.first}: steadyCalendar({ firstMs: Date.UTC(${utcParts(days.first)}), stepMs: 86_400_000, dueAfterMs: … })`,
          ),
        ];
  return [...arrival, ...ofDailyRows(days, idPrefix)];
}

function arrivalGrain({ atMidnight, atFullHour, observed, rowsPerDay }: Days): string {
  const rows = Math.max(atMidnight, atFullHour);
  if (atMidnight > 0 && atMidnight === rows && atMidnight >= atFullHour) {
    return `times are whole days, with ${groupedOf(rowsPerDay[2] ?? 0, 'row')} each in the middle`;
  }
  return atFullHour > 0 && atFullHour >= observed * 20
    ? 'times are full hours'
    : `${groupedOf(rowsPerDay[2] ?? 0, 'row')} a day in the middle`;
}

/** Runs about one day each, compared with days like it. */
function ofDailyRows({ observed, rowsPerDay, weekdays }: Days, idPrefix: string): Candidate[] {
  const [least = 0, lower = 0, middle = 0, upper = 0, most = 0] = rowsPerDay;
  if (observed < leastDays || middle < 2) {
    return [];
  }
  const medians = weekdays.map(({ quartiles }) => quartiles[1] ?? 0);
  const widths = weekdays.map(({ quartiles }) => (quartiles[2] ?? 0) - (quartiles[0] ?? 0));
  const widthWithin = widths.sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
  // The standard error of a median, from the width of the middle half and the number of values.
  const error = (0.93 * widthWithin) / Math.sqrt(Math.max(1, observed / 7));
  const isSeasonal =
    weekdays.length === 7 &&
    Math.max(...medians) - Math.min(...medians) > errorsApart * Math.max(error, 0.5);
  const named = weekdays.map(
    ({ weekday, quartiles }) => `${weekdayNames[weekday - 1] ?? ''} ${grouped(quartiles[1] ?? 0)}`,
  );
  return [
    candidate(
      {
        id: idOf(idPrefix, [], 'volume'),
        kind: 'anomaly',
        measure: { of: 'row_count' },
        minAbsoluteChange: Math.max(1, isSeasonal ? widthWithin : upper - lower),
        ...(isSeasonal ? { seasonality: 'weekday' } : {}),
        warn: { deviations: 4 },
        of: ['days'],
      },
      `rows a day, over ${groupedOf(observed, 'day')}: ${grouped(least)} to ${grouped(most)}, the middle half ${grouped(lower)} to ${grouped(upper)}; ` +
        `by weekday ${named.join(', ')}: ${isSeasonal ? 'further apart than by chance' : 'no season'}; of runs about one day each`,
    ),
  ];
}

function utcParts(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${Number(year)}, ${Number(month) - 1}, ${Number(date)}`;
}
