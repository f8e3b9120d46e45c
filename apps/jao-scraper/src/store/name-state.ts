import type { DayTable } from '@sluice/schemas/jao';

import type { DayStateName } from './day-state.ts';

/** Whether an answer has every delivery period of its day. One whose rows have no cells has none of them. */
export function hasEveryPeriod({ keys, missingDeliveryStarts }: DayTable): boolean {
  return missingDeliveryStarts.length === 0 && keys.length > 0;
}

/**
 * What a day is after an answer, the first that applies: `quarantined` where something of the answer is in
 * quarantine; `empty` where the answer has no cell, and none is shown; `incomplete` where it lacks delivery
 * periods, or cells that are shown until another answer lacks them too; `complete`.
 */
export function nameState(
  table: DayTable,
  day: { readonly cells: number; readonly isDoubtful: boolean },
): DayStateName {
  if (table.quarantined.length > 0) {
    return 'quarantined';
  }
  if (table.keys.length === 0 && day.cells === 0) {
    return 'empty';
  }
  return hasEveryPeriod(table) && !day.isDoubtful ? 'complete' : 'incomplete';
}
