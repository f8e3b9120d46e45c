import type { QualityResult } from '@sluice/schemas/expectations';

/** What follows from the results of a run. */
export interface Decision {
  /** Checks that failed, or could not be evaluated, and for which the batch is to be kept out as a whole. */
  readonly refusing: readonly QualityResult[];
  /** Failed checks whose failing rows go to quarantine. */
  readonly quarantining: readonly QualityResult[];
  /** Whether the data fell short, or could not be judged: exit code 3. */
  readonly fellShort: boolean;
}

/** Adds up what the checks of a run ask for. A warning asks for nothing. */
export function decide(results: readonly QualityResult[]): Decision {
  return {
    refusing: results.filter(({ action }) => action === 'refuse'),
    quarantining: results.filter(({ action }) => action === 'quarantine'),
    fellShort: results.some(({ outcome }) => outcome === 'failed' || outcome === 'error'),
  };
}
