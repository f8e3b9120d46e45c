const millisecondsPerDay = 86_400_000;
const monday = 1;

/** A day with its week, counted and not calculated. */
export interface WalkedDay {
  /** `2022-01-02`. */
  readonly day: string;
  readonly year: number;
  /** How many Mondays the year has had up to and with this day: C's `%W`. */
  readonly week: number;
}

/** Walks from one year's first day to another's last, and counts each year's Mondays on the way. */
export function* walkDays(firstYear: number, lastYear: number): Generator<WalkedDay> {
  let year = firstYear;
  let week = 0;
  for (
    let date = new Date(Date.UTC(firstYear, 0, 1));
    date.getUTCFullYear() <= lastYear;
    date = new Date(date.getTime() + millisecondsPerDay)
  ) {
    if (date.getUTCFullYear() !== year) {
      year = date.getUTCFullYear();
      week = 0;
    }
    week += date.getUTCDay() === monday ? 1 : 0;
    yield { day: date.toISOString().slice(0, 10), year, week };
  }
}
