import { configureSuite } from '@sluice/schemas/expectations';
import type { ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';

import type { BatchVerdict } from '../quality/check-batch.ts';

/** What a file was read for before, and what came of it; the next reading goes by it. */
export interface EarlierReadings {
  /** A check has ended a transaction, and which one is to be found out. */
  readonly isCareful: boolean;
  /** Of the bytes that were read; absent before the first reading. */
  readonly sha256: string | null | undefined;
  /**
   * By check, what is kept instead of what the last reading finds: that it could not be evaluated, or
   * how many rows it failed before they were put aside.
   */
  readonly results: ReadonlyMap<string, QualityResult>;
  /** Checks that can not be evaluated. */
  readonly brokenChecks: readonly string[];
}

/** Before a file is read. */
export const noReadings: EarlierReadings = {
  isCareful: false,
  sha256: undefined,
  results: new Map(),
  brokenChecks: [],
};

/** The checks that are left. */
export function checksLeft(
  suite: ExpectationSuite,
  { brokenChecks }: EarlierReadings,
): ExpectationSuite {
  const off = brokenChecks.map((id) => [id, { off: true }] as const);
  return configureSuite(suite, Object.fromEntries(off)).suite;
}

/** The results of a file: those of its last reading, but for what is kept of earlier ones. */
export function resultsOfAll(
  { results: earlier }: EarlierReadings,
  { results }: Pick<BatchVerdict, 'results'>,
): QualityResult[] {
  const last = results.filter(({ checkId }) => !earlier.has(checkId));
  return [...earlier.values(), ...last];
}
