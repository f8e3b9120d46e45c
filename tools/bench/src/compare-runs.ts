import { median } from './median.ts';

/** One run of one side, timed. */
export interface TimedRun {
  readonly seconds: number;
  readonly peakBytes: number | undefined;
}

/** One run of each side, one right after the other. */
export interface TimedPair {
  readonly a: TimedRun;
  readonly b: TimedRun;
}

/** How much a side has to do; `undefined` where that is not what its time depends on. */
export interface Work {
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
}

/** The figures of one side over all of its runs. */
export interface SideFigures {
  readonly medianSeconds: number;
  readonly rowsPerSecond: number | undefined;
  /** Of a million bytes. */
  readonly megabytesPerSecond: number | undefined;
  /** The largest of all runs. */
  readonly peakBytes: number | undefined;
}

/** What a comparison of two sides found. */
export interface Comparison {
  readonly a: SideFigures;
  readonly b: SideFigures;
  /** Median of B over median of A. */
  readonly ratio: number;
  /** Smallest and largest of the ratios of the single pairs. */
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** Median of B minus median of A. */
  readonly moreSeconds: number;
}

/**
 * Sums up pairs of runs. With `isPerRow` the ratios are of the time per row, for sides of different
 * sizes.
 *
 * @throws {RangeError} where there is no pair, or no number of rows to divide by.
 */
export function compareRuns({
  pairs,
  work,
  isPerRow = false,
}: {
  readonly pairs: readonly TimedPair[];
  readonly work: { readonly a: Work; readonly b: Work };
  readonly isPerRow?: boolean;
}): Comparison {
  if (pairs.length === 0) throw new RangeError('pairs must hold at least one pair, not none');
  const rowsRatio = isPerRow ? rowsOf(work.b) / rowsOf(work.a) : 1;
  const a = sumUpSide(
    pairs.map((pair) => pair.a),
    work.a,
  );
  const b = sumUpSide(
    pairs.map((pair) => pair.b),
    work.b,
  );
  const ratios = pairs.map((pair) => pair.b.seconds / pair.a.seconds / rowsRatio);
  return {
    a,
    b,
    ratio: b.medianSeconds / a.medianSeconds / rowsRatio,
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    moreSeconds: b.medianSeconds - a.medianSeconds,
  };
}

function sumUpSide(runs: readonly TimedRun[], { rows, bytes }: Work): SideFigures {
  const medianSeconds = median(runs.map((run) => run.seconds));
  const peaks = runs.map((run) => run.peakBytes).filter((peak) => peak !== undefined);
  return {
    medianSeconds,
    rowsPerSecond: rows === undefined ? undefined : rows / medianSeconds,
    megabytesPerSecond: bytes === undefined ? undefined : bytes / 1e6 / medianSeconds,
    peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
  };
}

function rowsOf({ rows }: Work): number {
  if (rows === undefined || rows === 0) {
    throw new RangeError(`rows must be at least 1 to compare times per row, not ${String(rows)}`);
  }
  return rows;
}
