import { historyDays, readDayHistory } from '@sluice/data-quality';
import type { HistoryPoint, QualityEngine } from '@sluice/data-quality';
import type { BusinessDay } from '@sluice/schemas/jao';

/** What a check is asked for: of one dataset, about days from the first to the last one. */
export interface DayHistoryOf {
  readonly dataset: string;
  readonly checkId: string;
  readonly first: BusinessDay;
  readonly last: BusinessDay;
}

/** What a check found of days, at midnight UTC: on record, and as days are checked. */
export class DayHistory {
  /** Ascending. */
  readonly #points: HistoryPoint[];

  private constructor(points: readonly HistoryPoint[]) {
    this.#points = points.toSorted((left, right) => left.at.getTime() - right.at.getTime());
  }

  /** Reads what is on record of the days, and of as many before them as a day is compared with. */
  static async read(engine: QualityEngine, of: DayHistoryOf): Promise<DayHistory> {
    const { dataset, checkId, first, last } = of;
    const days = (dayMs(last) - dayMs(first)) / msOfDay;
    const check = { dataset, checkId, beforeDay: last };
    return new DayHistory(await readDayHistory(engine, check, historyDays + days));
  }

  /** The last points before a day, but none before `since`. */
  before(day: BusinessDay, since: BusinessDay | undefined): readonly HistoryPoint[] {
    const end = this.#placeOf(dayMs(day));
    const start = since === undefined ? 0 : this.#placeOf(dayMs(since));
    return this.#points.slice(Math.max(start, end - historyDays, 0), Math.max(start, end));
  }

  /** Takes what was found of a day, in place of what was found before. */
  set(day: BusinessDay, value: number): void {
    const atMs = dayMs(day);
    const place = this.#placeOf(atMs);
    const isThere = this.#points[place]?.at.getTime() === atMs;
    this.#points.splice(place, isThere ? 1 : 0, { at: new Date(atMs), value });
  }

  /** Of the first point that is not before an instant. */
  #placeOf(atMs: number): number {
    let [low, high] = [0, this.#points.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle]?.at.getTime() ?? Infinity) < atMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

const msOfDay = 86_400_000;

/** Where a day stands in the history of checks. */
function dayMs(day: BusinessDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}
