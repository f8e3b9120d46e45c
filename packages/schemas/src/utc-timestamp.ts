/**
 * The accepted forms: a date, or a date and time of day with up to six fractional digits and an
 * optional zone. Nothing else: no blanks, no week dates, no 24:00, no leap second.
 */
const timestampPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d{2}):(\d{2}))?)?$/;

const microsecondsPerMinute = 60_000_000n;
const microsecondsPerDay = 86_400_000_000n;

/** 0001-01-01T00:00:00Z in microseconds since 1970. */
const minMicroseconds = BigInt(daysSinceEpoch(1, 1, 1)) * microsecondsPerDay;
/** The last microsecond of 9999-12-31 UTC, in microseconds since 1970. */
const maxMicroseconds = BigInt(daysSinceEpoch(9999, 12, 31) + 1) * microsecondsPerDay - 1n;

/**
 * Parses `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS[.ffffff][Z|±HH:MM]` into microseconds since
 * 1970-01-01 UTC; `undefined` for anything else, for a day the calendar does not have, and for an
 * instant outside the years 0001 to 9999 in UTC. Without a zone the text is UTC.
 */
export function parseUtcTimestamp(text: string): bigint | undefined {
  const match = timestampPattern.exec(text);
  if (match === null) {
    return undefined;
  }
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [
    Number(match[4] ?? 0),
    Number(match[5] ?? 0),
    Number(match[6] ?? 0),
  ];
  const [offsetHour, offsetMinute] = [Number(match[10] ?? 0), Number(match[11] ?? 0)];
  if (!isCalendarDay(year, month, day) || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  if (offsetHour > 23 || offsetMinute > 59) {
    return undefined;
  }
  const seconds = BigInt(hour * 3600 + minute * 60 + second);
  const fraction = BigInt((match[7] ?? '').padEnd(6, '0'));
  const offset = BigInt(offsetHour * 60 + offsetMinute) * microsecondsPerMinute;
  const local =
    BigInt(daysSinceEpoch(year, month, day)) * microsecondsPerDay + seconds * 1_000_000n + fraction;
  const utc = match[9] === '-' ? local + offset : local - offset;
  return utc >= minMicroseconds && utc <= maxMicroseconds ? utc : undefined;
}

/** Whether the proleptic Gregorian calendar has this day in the years 1 to 9999. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  return (
    year >= 1 &&
    year <= 9999 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month)
  );
}

/**
 * Days from 1970-01-01 to a day of the proleptic Gregorian calendar, negative before it.
 * Counted in 400-year eras that begin on 1 March, so that the leap day is the last of its year.
 */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  // 146,097 days make 400 years; 719,468 lie between 0000-03-01 and 1970-01-01.
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) {
    const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    return isLeap ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
