const months = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

const time = String.raw`(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})`;
const month = String.raw`(?<month>[A-Z][a-z]{2})`;

/** The three forms of RFC 9110 §5.6.7, the second and third of which are obsolete, and must be read. */
const forms: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d{2}) ${month} (?<year>\d{4}) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d{2})-${month}-(?<year>\d{2}) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} ${month} (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
];

/**
 * The instant of an HTTP date in UTC epoch milliseconds; `undefined` for what is none. The day of the week
 * is not compared. `Date.parse` would take much more: `-1` is a day in 2001 to it.
 *
 * A year of two digits is the last one that is at most 50 years after `nowMs`.
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) {
      return toInstant(groups, nowMs);
    }
  }
  return undefined;
}

function toInstant(groups: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const read = (name: string) => Number(groups[name]);
  const monthIndex = months.findIndex((name) => name === groups['month']);
  const [day, hour, minute, second] = [read('day'), read('hour'), read('minute'), read('second')];
  // 60 is a leap second, and the first of the next minute to us.
  if (monthIndex < 0 || hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  const year = groups['year']?.length === 2 ? fullYear(read('year'), nowMs) : read('year');
  const midnight = new Date(0);
  // Not Date.UTC, to which the year 99 is 1999.
  midnight.setUTCFullYear(year, monthIndex, day);
  if (midnight.getUTCMonth() !== monthIndex || midnight.getUTCDate() !== day) {
    return undefined;
  }
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

function fullYear(lastTwoDigits: number, nowMs: number): number {
  const latest = new Date(nowMs).getUTCFullYear() + 50;
  return latest - ((((latest - lastTwoDigits) % 100) + 100) % 100);
}
