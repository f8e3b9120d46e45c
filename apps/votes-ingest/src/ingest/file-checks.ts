import type { FileCheck } from '@sluice/schemas';
import type { QualityResult } from '@sluice/schemas/expectations';

/** What of the checks of a file is to be told: those that did not pass. */
export function shortOf(path: string, results: readonly QualityResult[]): FileCheck[] {
  return results.flatMap(({ checkId, outcome, action, failing, message, expected }) =>
    outcome === 'passed' || outcome === 'skipped'
      ? []
      : [{ path, checkId, outcome, action, failing, message, expected }],
  );
}

/** Whether data fell short of a check, or could not be judged: a warning is neither. */
export function isShortfall({ outcome }: FileCheck): boolean {
  return outcome !== 'warned';
}
