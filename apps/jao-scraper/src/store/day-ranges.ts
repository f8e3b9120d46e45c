import { businessDayBounds, deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, StepMinutes } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { epochMs } from './epoch-ms.ts';
import { cellsOf, stepOfCells } from './day-step.ts';
import type { DayDiff, LackingCell, StoredCell, StoredDay } from './diff-day.ts';

/** What is stored of a cell: a value, that the source took it back, a null of the source, or nothing. */
export const rangeStates = ['present', 'withdrawn', 'unavailable', 'absent'] as const;

/** A member of {@link rangeStates}. */
export type RangeState = (typeof rangeStates)[number];

/** Neighbouring cells that are alike, of all keys that have them. */
export interface DayRange {
  readonly keys: readonly string[];
  readonly state: RangeState;
  readonly startMs: number;
  readonly endMs: number;
  readonly cells: number;
  /** When the last of them came to be so: `now` with the stamp that is being taken; null is never. */
  readonly sinceMs: number | 'now' | null;
}

/** What an answer makes of a day. */
export interface DayChange {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly stored: StoredDay;
  readonly diff: Pick<DayDiff, 'versions'>;
  readonly withdrawn: readonly LackingCell[];
  /** The step of the day after it, in minutes. */
  readonly step: StepMinutes;
}

interface Cell {
  readonly state: RangeState;
  readonly sinceMs: number | 'now' | null;
}

const nothing: Cell = { state: 'absent', sinceMs: null };

/**
 * The ranges of a day as they are after an answer; undefined where they are what they were. Cells that
 * begin with no delivery period of the day's step are left out.
 */
export async function rangesAfter(
  tx: PostgresTransaction,
  change: DayChange,
): Promise<readonly DayRange[] | undefined> {
  const { contract, day, stored, step } = change;
  const starts = deliveryStarts(contract, day, step);
  const slots = new Map(starts.map((startMs, slot) => [startMs, slot]));
  const hasSameStep = stepOfCells(contract, day, cellsOf(stored)) === step;
  if (hasSameStep && !isAnyChanged(change, slots)) {
    return undefined;
  }
  const cells = stored.size === 0 ? new Map<string, Cell[]>() : await readCells(tx, change, slots);
  const put = (key: string, startMs: number, state: RangeState): void => {
    const slot = slots.get(startMs);
    if (slot === undefined) {
      return;
    }
    const ofKey = cells.get(key) ?? starts.map(() => nothing);
    cells.set(key, ofKey);
    if (ofKey[slot]?.state !== state) {
      ofKey[slot] = { state, sinceMs: 'now' };
    }
  };
  for (const { key, deliveryStartMs, value } of change.diff.versions) {
    put(key, deliveryStartMs, value === null ? 'unavailable' : 'present');
  }
  for (const { key, deliveryStartMs } of change.withdrawn) {
    put(key, deliveryStartMs, 'withdrawn');
  }
  return groupRanges(cells, starts, step * 60_000);
}

/** A revised value leaves a cell what it was: present. */
function isAnyChanged(
  { stored, diff, withdrawn }: DayChange,
  slots: ReadonlyMap<number, number>,
): boolean {
  return (
    withdrawn.some(({ deliveryStartMs }) => slots.has(deliveryStartMs)) ||
    diff.versions.some(({ key, deliveryStartMs, value }) => {
      const cell = stored.get(key)?.get(deliveryStartMs);
      const state = value === null ? 'unavailable' : 'present';
      return slots.has(deliveryStartMs) && (cell === undefined || stateOf(cell) !== state);
    })
  );
}

function stateOf({ value, withdrawn }: StoredCell): RangeState {
  return withdrawn ? 'withdrawn' : value === null ? 'unavailable' : 'present';
}

async function readCells(
  tx: PostgresTransaction,
  { contract, datasetId, day, stored }: DayChange,
  slots: ReadonlyMap<number, number>,
): Promise<Map<string, Cell[]>> {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const rows = await tx.rows(
    z.object({ key: z.string(), start_ms: z.number(), since_ms: z.number() }),
    `select s.key, ${epochMs('o.delivery_start')} as start_ms,
       ${epochMs('max(o.known_from) filter (where o.is_change)')} as since_ms
     from jao.series s
     cross join lateral (
       select v.delivery_start, v.known_from,
         (v.value is null, v.withdrawn) is distinct from
           (lag(v.value is null) over versions, lag(v.withdrawn) over versions) as is_change
       from jao.observation v
       where v.series_id = s.series_id and v.delivery_start >= $2 and v.delivery_start < $3
       window versions as (partition by v.delivery_start order by v.known_from)
     ) o
     where s.dataset_id = $1
     group by s.key, o.delivery_start`,
    [datasetId, new Date(startMs), new Date(endMs)],
  );
  const cells = new Map<string, Cell[]>();
  for (const { key, start_ms: cellMs, since_ms: sinceMs } of rows) {
    const slot = slots.get(cellMs);
    const known = stored.get(key)?.get(cellMs);
    if (slot !== undefined && known !== undefined) {
      const ofKey = cells.get(key) ?? Array.from({ length: slots.size }, () => nothing);
      cells.set(key, ofKey);
      ofKey[slot] = { state: stateOf(known), sinceMs };
    }
  }
  return cells;
}

function groupRanges(
  cells: ReadonlyMap<string, readonly Cell[]>,
  starts: readonly number[],
  stepMs: number,
): readonly DayRange[] {
  const groups = new Map<string, DayRange & { readonly keys: string[] }>();
  for (const [key, ofKey] of cells) {
    let first = 0;
    while (first < ofKey.length) {
      const { state } = ofKey[first] ?? nothing;
      let { sinceMs } = ofKey[first] ?? nothing;
      let next = first + 1;
      for (; ofKey[next]?.state === state; next += 1) {
        sinceMs = later(sinceMs, ofKey[next]?.sinceMs ?? null);
      }
      const name = `${first} ${next} ${state} ${String(sinceMs)}`;
      const known = groups.get(name);
      if (known === undefined) {
        const startMs = starts[first] ?? 0;
        const endMs = (starts[next - 1] ?? 0) + stepMs;
        groups.set(name, { keys: [key], state, startMs, endMs, cells: next - first, sinceMs });
      } else {
        known.keys.push(key);
      }
      first = next;
    }
  }
  return [...groups.values()].sort(compareRanges);
}

/** A stamp that is being taken is later than all that were. */
function later(left: Cell['sinceMs'], right: Cell['sinceMs']): Cell['sinceMs'] {
  return left === 'now' || right === null || (right !== 'now' && left !== null && left >= right)
    ? left
    : right;
}

function compareRanges(left: DayRange, right: DayRange): number {
  return (
    left.startMs - right.startMs ||
    left.endMs - right.endMs ||
    compare(left.state, right.state) ||
    compare(instantOf(left), instantOf(right))
  );
}

function instantOf({ sinceMs }: DayRange): number {
  return sinceMs === 'now' ? Number.POSITIVE_INFINITY : (sinceMs ?? 0);
}

function compare<Value extends string | number>(left: Value, right: Value): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
