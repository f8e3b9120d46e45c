import { deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import type { DayRange, RangeState } from '../store/day-ranges.ts';
import { stepOfCells } from '../store/day-step.ts';

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

interface Cell {
  readonly state: RangeState;
  readonly sinceMs: number;
}

/**
 * All that `jao.day_range` has to have of a business day, told plainly from all its versions, in any
 * order: the day once for each stamp at which a cell came, went or came back, or the day's step changed.
 */
export function rangesOfVersions(
  contract: DatasetContract,
  day: BusinessDay,
  versions: readonly Version[],
): readonly RangesOfStamp[] {
  const stamps = Map.groupBy(versions, ({ knownFromMs }) => knownFromMs);
  const cells = new Map<string, Map<number, Cell>>();
  const history: RangesOfStamp[] = [];
  let stepBefore = stepOfCells(contract, day, []);
  for (const knownFromMs of [...stamps.keys()].toSorted((left, right) => left - right)) {
    const changedMs = takeVersions(cells, stamps.get(knownFromMs) ?? []);
    const step = stepOfCells(contract, day, statesOf(cells));
    const starts = deliveryStarts(contract, day, step);
    const grid = new Set(starts);
    if (step !== stepBefore || changedMs.some((startMs) => grid.has(startMs))) {
      const ranges = [...cells]
        .filter(([, ofKey]) => starts.some((startMs) => ofKey.has(startMs)))
        .flatMap(([key, ofKey]) => rangesOfKey(key, ofKey, starts, step * 60_000));
      history.push({ knownFromMs, ranges: joinKeys(ranges) });
    }
    stepBefore = step;
  }
  return history;
}

/** Brings cells to the versions of one stamp, and gives the starts of those that came, went or came back. */
function takeVersions(
  cells: Map<string, Map<number, Cell>>,
  versions: readonly Version[],
): readonly number[] {
  const changedMs: number[] = [];
  for (const { key, deliveryStartMs, knownFromMs, value, withdrawn } of versions) {
    const state = withdrawn ? 'withdrawn' : value === null ? 'unavailable' : 'present';
    const ofKey = cells.get(key) ?? new Map<number, Cell>();
    cells.set(key, ofKey);
    if (ofKey.get(deliveryStartMs)?.state !== state) {
      ofKey.set(deliveryStartMs, { state, sinceMs: knownFromMs });
      changedMs.push(deliveryStartMs);
    }
  }
  return changedMs;
}

function* statesOf(
  cells: ReadonlyMap<string, ReadonlyMap<number, Cell>>,
): Generator<{ readonly deliveryStartMs: number; readonly withdrawn: boolean }> {
  for (const ofKey of cells.values()) {
    for (const [deliveryStartMs, { state }] of ofKey) {
      yield { deliveryStartMs, withdrawn: state === 'withdrawn' };
    }
  }
}

function rangesOfKey(
  key: string,
  cells: ReadonlyMap<number, Cell>,
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
