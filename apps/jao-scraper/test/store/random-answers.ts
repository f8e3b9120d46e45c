import { deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import { answerOf, emptyAnswer } from './answers.ts';
import type { Cell } from './answers.ts';

/** One of some things. */
export function pick<Item>(random: () => number, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** What an answer says, cell by cell: as the test made it, not as any parser reads it. */
export interface RandomAnswer {
  readonly body: Uint8Array;
  /** Of the rows that it has, by delivery start. A text is no number, and goes to quarantine. */
  readonly rows: ReadonlyMap<number, Readonly<Record<string, Cell>>>;
}

const keys = ['border_AT_BE', 'border_BE_AT', 'border_DE_FR'] as const;
const values = [null, 0, 1, 2.5] as const;
const oddCells = [null, 0, 7, undefined, 'n/a'] as const;

/** An answer like those before it: mostly one value throughout, some odd cells, now and then a gap. */
export function randomAnswer(
  contract: DatasetContract,
  day: BusinessDay,
  random: () => number,
): RandomAnswer {
  if (random() < 0.08) {
    return { body: emptyAnswer(), rows: new Map() };
  }
  const starts = deliveryStarts(contract, day);
  const cells: Record<string, Cell[]> = {};
  for (const key of keys) {
    if (random() < 0.12) {
      continue;
    }
    const value = pick(random, values);
    cells[key] = starts.map(() => (random() < 0.03 ? pick(random, oddCells) : value));
  }
  const withoutRows = random() < 0.15 ? [Math.floor(random() * starts.length)] : [];
  const firstId = 1000 * Math.floor(random() * 3);
  return {
    body: answerOf(contract, day, cells, { firstId, withoutRows }),
    rows: new Map(
      starts.flatMap((startMs, row): [number, Record<string, Cell>][] =>
        withoutRows.includes(row)
          ? []
          : [[startMs, Object.fromEntries(keys.map((key) => [key, cells[key]?.[row]]))]],
      ),
    ),
  };
}
