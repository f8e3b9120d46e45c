import type { DayTable } from '@sluice/schemas/jao';
import type { AttemptEnd } from '@sluice/warehouse/postgres';

/** The smallest and the largest of the source's ids of an answer's rows; undefined where it has none. */
export function rowIdsOf({ rows }: DayTable): Pick<AttemptEnd, 'firstRowId' | 'lastRowId'> {
  const ids = rows.flatMap(({ sourceRowId }) => sourceRowId ?? []);
  return {
    firstRowId: smallest(ids, (left, right) => left < right),
    lastRowId: smallest(ids, (left, right) => left > right),
  };
}

function smallest(
  ids: readonly bigint[],
  isBefore: (left: bigint, right: bigint) => boolean,
): bigint | undefined {
  return ids.reduce<bigint | undefined>(
    (best, id) => (best === undefined || isBefore(id, best) ? id : best),
    undefined,
  );
}
