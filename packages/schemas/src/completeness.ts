/** How complete something is, from 0 to 1; null where there is nothing to be counted. */
export interface Completeness {
  readonly completeness: number | null;
  readonly collectionRate: number | null;
}

/**
 * By counts in states of coverage: of what could be there, the part that is; and of what the source had,
 * the part that we collected, whatever became of it. As `jao.completeness` has it.
 */
export function completenessOf(counts: ReadonlyMap<string, number>): Completeness {
  const sum = (...states: readonly string[]): number =>
    states.reduce((total, state) => total + (counts.get(state) ?? 0), 0);
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
