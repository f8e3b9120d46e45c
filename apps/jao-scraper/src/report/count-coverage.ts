import type { CoverageState } from '@sluice/schemas/jao';

/** Cells by state, and what they come to. */
export interface CoverageCount {
  readonly cells: ReadonlyMap<CoverageState, number>;
  readonly present: number;
  /** Of all cells those that should be there by now: what present is to be compared with. */
  readonly due: number;
}

/** Adds up cells by state. */
export function countCoverage(all: readonly ReadonlyMap<CoverageState, number>[]): CoverageCount {
  const cells = new Map<CoverageState, number>();
  for (const [state, count] of all.flatMap((one) => [...one])) {
    cells.set(state, (cells.get(state) ?? 0) + count);
  }
  const of = (state: CoverageState): number => cells.get(state) ?? 0;
  const total = [...cells.values()].reduce((sum, count) => sum + count, 0);
  return {
    cells,
    present: of('present'),
    due: total - of('not_expected') - of('unavailable') - of('not_due'),
  };
}
