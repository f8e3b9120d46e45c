import { addDays, businessDayOf, daysOfWindow } from './business-day.ts';
import type { BusinessDay } from './business-day.ts';
import { cellStates, createValueSource, dayContent } from './day-content.ts';
import type { DayContent } from './day-content.ts';
import type { SimulatedDataset } from './dataset.ts';
import type { Publication } from './publication.ts';
import type { PublicationCalendar } from './publication-calendar.ts';
import type { Window } from './window.ts';

/** One row of the truth. */
export interface TruthRow {
  readonly deliveryStartMs: number;
  readonly businessDay: BusinessDay;
  readonly sourceRowId: number;
  /** When the publication that the row stands in came out. */
  readonly publishedAtMs: number;
  /** The keys that the row has; null is what the source gave. */
  readonly values: ReadonlyMap<string, number | null>;
}

/** What the service knows at an instant, without HTTP. */
export interface Source {
  /** The days of a window that are out at `atMs`, ascending. */
  contents: (dataset: SimulatedDataset, window: Window, atMs: number) => DayContent[];
  /** Says in a few characters what `contents` would be built from. */
  signature: (dataset: SimulatedDataset, window: Window, atMs: number) => string;
  /** When the newest publication of a window came out by `atMs`, if any did. */
  modifiedAtMs: (dataset: SimulatedDataset, window: Window, atMs: number) => number | undefined;
  truth: (dataset: SimulatedDataset, window: Window, atMs: number) => TruthRow[];
  publications: (
    dataset: SimulatedDataset,
    days: { readonly from: BusinessDay; readonly to: BusinessDay },
  ) => Publication[];
  /** The newest business day that is out at `atMs`, if any is. */
  lastPublishedDay: (dataset: SimulatedDataset, atMs: number) => BusinessDay | undefined;
}

export function createSource(calendar: PublicationCalendar, seed: number): Source {
  const valueSource = createValueSource(seed);

  const contents: Source['contents'] = (dataset, window, atMs) =>
    daysOfWindow(window.fromMs, window.toMs).flatMap((day) => {
      const [first, ...later] = calendar
        .publicationsOf(dataset, day)
        .slice(0, calendar.countAt(dataset, day, atMs));
      if (first === undefined) return [];
      return [dayContent({ dataset, day, publications: [first, ...later], valueSource })];
    });

  return {
    contents,
    signature: (dataset, { fromMs, toMs }, atMs) => {
      let signature = '';
      for (const day of daysOfWindow(fromMs, toMs)) {
        const count = calendar.countAt(dataset, day, atMs);
        const newest = calendar.publicationsOf(dataset, day)[count - 1];
        signature += `${count}.${newest?.version ?? ''}.${newest?.atMs ?? ''} `;
      }
      return signature;
    },
    modifiedAtMs: (dataset, { fromMs, toMs }, atMs) => {
      const newest = daysOfWindow(fromMs, toMs).flatMap((day) => {
        const count = calendar.countAt(dataset, day, atMs);
        return calendar.publicationsOf(dataset, day)[count - 1]?.atMs ?? [];
      });
      return newest.length === 0 ? undefined : Math.max(...newest);
    },
    truth: (dataset, window, atMs) =>
      contents(dataset, window, atMs).flatMap((content) => truthRows(content, window)),
    publications: (dataset, { from, to }) => {
      const all: Publication[] = [];
      for (let day = from; day <= to; day = addDays(day, 1)) {
        all.push(...calendar.publicationsOf(dataset, day));
      }
      return all;
    },
    lastPublishedDay: (dataset, atMs) => {
      // Days come out on the day before; two weeks back is enough for postponed ones.
      let day = addDays(businessDayOf(atMs), 2);
      for (let back = 0; back < 14; back += 1, day = addDays(day, -1)) {
        if (calendar.countAt(dataset, day, atMs) > 0) return day;
      }
      return undefined;
    },
  };
}

function truthRows(content: DayContent, { fromMs, toMs }: Window): TruthRow[] {
  const { businessDay, keys, states, values, newest, firstRowId } = content;
  return content.deliveryStartsMs.flatMap((deliveryStartMs, row) => {
    const isIn = deliveryStartMs >= fromMs && deliveryStartMs < toMs;
    if (!isIn || content.rowIsThere[row] === 0) return [];
    const cells = new Map<string, number | null>();
    for (const [column, key] of keys.entries()) {
      const at = row * keys.length + column;
      if (states[at] === cellStates.absent) continue;
      cells.set(key, states[at] === cellStates.null ? null : (values[at] ?? null));
    }
    return [
      {
        deliveryStartMs,
        businessDay,
        sourceRowId: firstRowId + row,
        publishedAtMs: newest.atMs,
        values: cells,
      },
    ];
  });
}
