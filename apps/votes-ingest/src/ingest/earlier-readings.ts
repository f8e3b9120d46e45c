import { configureSuite } from '@sluice/schemas/expectations';
import type { ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';

import type { BatchVerdict } from '../quality/check-batch.ts';
import type { RecordFormat } from './read-record.ts';
import type { RejectedLine } from './rejected-lines.ts';

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
  /** Lines that checks hold back, in their order. */
  readonly rejected: readonly RejectedLine[];
  /** How often lines were found that are to be held back. */
  readonly rejections: number;
  readonly format: RecordFormat | undefined;
}

/** Before a file is read. */
export const noReadings: EarlierReadings = {
  isCareful: false,
  sha256: undefined,
  results: new Map(),
  brokenChecks: [],
  rejected: [],
  rejections: 0,
  format: undefined,
};

/** What the next reading goes by where checks hold back lines. */
export function withRejected(
  earlier: EarlierReadings,
  found: {
    readonly sha256: string | null;
    readonly format: RecordFormat | undefined;
    readonly lines: readonly RejectedLine[];
    /** The checks that these lines fail. */
    readonly checks: readonly QualityResult[];
  },
): EarlierReadings {
  const results = new Map(earlier.results);
  for (const check of found.checks) {
    // A later one counts only what a row that went had hidden.
    results.set(check.checkId, results.get(check.checkId) ?? check);
  }
  const before = new Set(earlier.rejected.map(({ line }) => line));
  const rejected = [...earlier.rejected, ...found.lines.filter(({ line }) => !before.has(line))];
  return {
    ...earlier,
    sha256: found.sha256,
    format: found.format,
    results,
    rejected: rejected.sort((a, b) => a.line - b.line),
    rejections: earlier.rejections + 1,
  };
}

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
