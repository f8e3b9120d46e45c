import { deriveKey, hashRow, pickBelow } from './row-hash.ts';

/**
 * Gaps between Ids: each group of `rows` rows has one gap, at a place of its own, of `skipped` Ids.
 *
 * As in the real file, where 96.7 % of steps are 1, 2.6 % are 2, 0.4 % are 3, some 20 in 40,299 are
 * about 40, and 6 are 1,000, the step of a database's counter at a restart. That each group has
 * exactly one makes a row's Id a sum that needs no rows before it.
 */
const gaps = [
  { rows: 32, skipped: 1 },
  { rows: 256, skipped: 2 },
  { rows: 2048, skipped: 40 },
  { rows: 8192, skipped: 999 },
] as const;

/** The Id of each row of a stream: ascending, `firstId` for row 0, each one once. */
export function createIdOfRow({
  seed,
  firstId,
}: {
  readonly seed: number;
  readonly firstId: number;
}): (row: number) => number {
  const key = deriveKey(seed, 'identifier');
  const skips = gaps.map((gap) => createSkips(gap, key));
  return (row) => {
    let id = firstId + row;
    for (const skippedBefore of skips) id += skippedBefore(row);
    return id;
  };
}

/** The Ids that one kind of gap has skipped up to a row. */
function createSkips(gap: (typeof gaps)[number], key: number): (row: number) => number {
  // A power of two, so that multiplying is as exact as dividing, and faster.
  const groupsPerRow = 1 / gap.rows;
  let knownGroup = -1;
  let place = 0;
  return (row) => {
    const group = Math.floor(row * groupsPerRow);
    if (group !== knownGroup) {
      // At row 1 of the group or later, so that row 0 has the first Id.
      place = 1 + pickBelow(hashRow(key + gap.rows, group), gap.rows - 1);
      knownGroup = group;
    }
    const isPast = row - group * gap.rows >= place;
    return gap.skipped * (isPast ? group + 1 : group);
  };
}
