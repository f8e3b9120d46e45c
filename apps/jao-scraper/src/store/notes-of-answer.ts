import type { DayTable } from '@sluice/schemas/jao';

import { confirmedAfterMs } from './judge-lacking.ts';

type Quarantined = Pick<DayTable, 'quarantined'>;

/** What a person is to be told of an answer that was stored, a line each; `lacking` is of cells that stay. */
export function notesOf(table: Quarantined, lacking: number): readonly string[] {
  return [
    ...(table.quarantined.length === 0 ? [] : [tellQuarantine(table)]),
    ...(lacking === 0
      ? []
      : [
          `lacks ${count(lacking, 'stored cell')}, which ${lacking === 1 ? 'stays' : 'stay'}: a second answer ` +
            `at least ${confirmedAfterMs / 60_000} minutes later decides`,
        ]),
  ];
}

/** `3 rows and 1 cell in quarantine: bad_timestamp 2, not_an_object 1, not_a_number 1` */
function tellQuarantine(table: Quarantined): string {
  const isCell = ({ pointer }: Quarantined['quarantined'][number]): boolean =>
    pointer.split('/').length > 3;
  const cells = table.quarantined.filter(isCell).length;
  const rows = table.quarantined.length - cells;
  const what = [
    ...(rows === 0 ? [] : [count(rows, 'row')]),
    ...(cells === 0 ? [] : [count(cells, 'cell')]),
  ];
  return `${what.join(' and ')} in quarantine: ${tellReasons(table)}`;
}

/** The reasons of what is in quarantine, each with how often, the most frequent first. */
export function tellReasons({ quarantined }: Quarantined): string {
  return [...Map.groupBy(quarantined, ({ reason }) => reason)]
    .toSorted(
      ([left, some], [right, others]) => others.length - some.length || (left < right ? -1 : 1),
    )
    .map(([reason, parts]) => `${reason} ${parts.length}`)
    .join(', ');
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
