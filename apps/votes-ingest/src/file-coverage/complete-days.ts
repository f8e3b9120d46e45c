import { completenessOf } from '@sluice/schemas';
import type { CoveredFile, FileCompletenessRow, FileState } from '@sluice/schemas';
import { voteSuite } from '@sluice/schemas/expectations';

import type { DayRange } from './file-states.ts';

const dayMs = 86_400_000;

/** How complete each day of a range is that a file is expected of, ascending. */
export function completenessByDay(
  files: readonly CoveredFile[],
  { from = '', to = '9999-12-31' }: DayRange,
): FileCompletenessRow[] {
  const states = new Map<string, FileState[]>();
  for (const { firstDay, lastDay, state } of files) {
    for (let ms = Date.parse(firstDay); ms <= Date.parse(lastDay); ms += dayMs) {
      const day = new Date(ms).toISOString().slice(0, 10);
      states.set(day, [...(states.get(day) ?? []), state]);
    }
  }
  return [...states]
    .filter(([day]) => day >= from && day <= to)
    .map(([day, ofDay]) => rowOf(day, ofDay))
    .toSorted((left, right) => (left.day < right.day ? -1 : 1));
}

function rowOf(day: string, states: readonly FileState[]): FileCompletenessRow {
  const count = (state: FileState): number => states.filter((each) => each === state).length;
  return {
    dataset: voteSuite.dataset,
    day,
    files: states.length,
    present: count('present'),
    notExpected: count('not_expected'),
    quarantined: count('quarantined'),
    notDue: count('not_due'),
    late: count('late'),
    notProvided: count('not_provided'),
    notCollected: count('not_collected'),
    ...completenessOf(new Map(states.map((state) => [state, count(state)]))),
  };
}
