import type { CoverageState } from '@sluice/schemas/jao';

/** How complete some cells are; null where there is none to be counted. */
export interface Completeness {
  readonly completeness: number | null;
  readonly collectionRate: number | null;
}

/**
 * Of the cells that could be there, the part that is; and of those that the source had, the part that
 * we collected, whatever became of it. As `jao.completeness` has it.
 */
export function completenessOf(cells: ReadonlyMap<CoverageState, number>): Completeness {
  const sum = (...states: readonly CoverageState[]): number =>
    states.reduce((total, state) => total + (cells.get(state) ?? 0), 0);
  const collected = sum('present', 'withdrawn', 'quarantined');
  const due = collected + sum('late', 'not_collected');
  return {
    completeness: ratio(sum('present'), due + sum('not_provided')),
    collectionRate: ratio(collected, due),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
