import { stepMinutes, stepOfStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, StepMinutes } from '@sluice/schemas/jao';

import type { DayDiff, LackingCell, StoredDay } from './diff-day.ts';

/** A cell as it is at some time. */
interface StoredOrWithdrawn {
  readonly deliveryStartMs: number;
  readonly withdrawn: boolean;
}

/** What an answer makes of what is stored of a day. */
interface StoredChange {
  readonly stored: StoredDay;
  readonly diff: Pick<DayDiff, 'versions'>;
  readonly withdrawn: readonly LackingCell[];
}

/**
 * The step of a day, in minutes: the contract's, or, where that is an assumed one, what its cells tell
 * that are shown; where none is, those that were.
 */
export function stepOfCells(
  contract: DatasetContract,
  day: BusinessDay,
  cells: Iterable<StoredOrWithdrawn>,
): StepMinutes {
  if (!contract.stepIsAssumed) {
    return stepMinutes(contract, day);
  }
  const shown = new Set<number>();
  const ever = new Set<number>();
  for (const { deliveryStartMs, withdrawn } of cells) {
    ever.add(deliveryStartMs);
    if (!withdrawn) {
      shown.add(deliveryStartMs);
    }
  }
  return stepOfStarts(contract, day, shown.size > 0 ? shown : ever);
}

/** The cells that are stored of a day. */
export function* cellsOf(stored: StoredDay): Generator<StoredOrWithdrawn> {
  for (const cells of stored.values()) {
    for (const [deliveryStartMs, { withdrawn }] of cells) {
      yield { deliveryStartMs, withdrawn };
    }
  }
}

/** The cells of a day as an answer leaves them: such as it changes may come as they were, too, if they are shown after. */
export function* cellsAfter({
  stored,
  diff,
  withdrawn,
}: StoredChange): Generator<StoredOrWithdrawn> {
  const taken = Map.groupBy(withdrawn, ({ key }) => key);
  for (const [key, cells] of stored) {
    const takenStarts = new Set(taken.get(key)?.map(({ deliveryStartMs }) => deliveryStartMs));
    for (const [deliveryStartMs, cell] of cells) {
      yield { deliveryStartMs, withdrawn: cell.withdrawn || takenStarts.has(deliveryStartMs) };
    }
  }
  for (const { deliveryStartMs } of diff.versions) {
    yield { deliveryStartMs, withdrawn: false };
  }
}
