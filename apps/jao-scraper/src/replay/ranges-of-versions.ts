import { deliveryStarts, stepMinutes } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import type { DayRange, RangeState } from '../store/day-ranges.ts';

/** What the ranges of a day are told from. */
interface Version {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly knownFromMs: number;
  readonly value: number | null;
  readonly withdrawn: boolean;
}

/** The ranges that a day has from a stamp on. */
export interface RangesOfStamp {
  readonly knownFromMs: number;
  readonly ranges: readonly DayRange[];
}

/**
 * All that `jao.day_range` has to have of a business day, told plainly from all its versions, in any
 * order: the day once for each stamp at which a cell came, went or came back.
 */
export function rangesOfVersions(
  contract: DatasetContract,
  day: BusinessDay,
  versions: readonly Version[],
): readonly RangesOfStamp[] {
  const starts = deliveryStarts(contract, day);
  const grid = new Set(starts);
  const stamps = Map.groupBy(
    versions.filter(({ deliveryStartMs }) => grid.has(deliveryStartMs)),
    ({ knownFromMs }) => knownFromMs,
  );
  const cells = new Map<string, Map<number, { state: RangeState; sinceMs: number }>>();
  const history: RangesOfStamp[] = [];
  for (const knownFromMs of [...stamps.keys()].toSorted((left, right) => left - right)) {
    let isChanged = false;
    for (const { key, deliveryStartMs, value, withdrawn } of stamps.get(knownFromMs) ?? []) {
      const state = withdrawn ? 'withdrawn' : value === null ? 'unavailable' : 'present';
      const ofKey = cells.get(key) ?? new Map<number, { state: RangeState; sinceMs: number }>();
      cells.set(key, ofKey);
      if (ofKey.get(deliveryStartMs)?.state !== state) {
        ofKey.set(deliveryStartMs, { state, sinceMs: knownFromMs });
        isChanged = true;
      }
    }
    if (isChanged) {
      const stepMs = stepMinutes(contract, day) * 60_000;
      const ranges = [...cells].flatMap(([key, ofKey]) => rangesOfKey(key, ofKey, starts, stepMs));
      history.push({ knownFromMs, ranges: joinKeys(ranges) });
    }
  }
  return history;
}

function rangesOfKey(
  key: string,
  cells: ReadonlyMap<number, { readonly state: RangeState; readonly sinceMs: number }>,
  starts: readonly number[],
  stepMs: number,
): DayRange[] {
  const ranges: (DayRange & { readonly sinceMs: number | null })[] = [];
  for (const startMs of starts) {
    const { state, sinceMs } = cells.get(startMs) ?? { state: 'absent', sinceMs: null };
    const open = ranges.at(-1);
    if (open?.state === state) {
      ranges[ranges.length - 1] = {
        ...open,
        endMs: startMs + stepMs,
        cells: open.cells + 1,
        sinceMs: sinceMs === null || open.sinceMs === null ? null : Math.max(sinceMs, open.sinceMs),
      };
    } else {
      ranges.push({ keys: [key], state, startMs, endMs: startMs + stepMs, cells: 1, sinceMs });
    }
  }
  return ranges;
}

function joinKeys(ranges: readonly DayRange[]): DayRange[] {
  const alike = Map.groupBy(ranges, ({ state, startMs, endMs, sinceMs }) =>
    [state, startMs, endMs, sinceMs].join(' '),
  );
  return [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : { ...first, keys: [first, ...others].flatMap(({ keys }) => keys).toSorted() },
  );
}
