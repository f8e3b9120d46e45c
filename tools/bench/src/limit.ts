import type { Comparison } from './compare-runs.ts';

/** What a comparison has to keep to. */
export type Limit =
  | { readonly kind: 'ratio-at-most'; readonly value: number }
  | { readonly kind: 'ratio-at-least'; readonly value: number }
  /** Seconds that B may take more than A. */
  | { readonly kind: 'seconds-more-at-most'; readonly value: number }
  /** Median of B. */
  | { readonly kind: 'seconds-at-most'; readonly value: number }
  | { readonly kind: 'rows-per-second-at-least'; readonly value: number }
  /** Peak memory of B, in bytes. */
  | { readonly kind: 'peak-at-most'; readonly value: number }
  /** Peak memory of B over that of A. */
  | { readonly kind: 'peak-ratio-at-most'; readonly value: number };

/** How a comparison stands to a limit; `over` also means short of what has to be reached. */
export const verdicts = ['ok', 'over'] as const;

/** A member of {@link verdicts}. */
export type Verdict = (typeof verdicts)[number];

/** A limit, what was measured for it, and whether that keeps it. */
export type JudgedLimit = Limit & {
  /** `undefined` where the process did not say it; then the limit is not kept. */
  readonly measured: number | undefined;
  readonly verdict: Verdict;
};

/** Holds a comparison against a limit. A figure that is exactly at the limit keeps it. */
export function judgeLimit(limit: Limit, comparison: Comparison): JudgedLimit {
  const measured = figureOf(limit, comparison);
  const isKept =
    measured !== undefined &&
    (limit.kind.endsWith('-at-least') ? measured >= limit.value : measured <= limit.value);
  return { ...limit, measured, verdict: isKept ? 'ok' : 'over' };
}

function figureOf({ kind }: Limit, { ratio, moreSeconds, a, b }: Comparison): number | undefined {
  switch (kind) {
    case 'ratio-at-most':
    case 'ratio-at-least':
      return ratio;
    case 'seconds-more-at-most':
      return moreSeconds;
    case 'seconds-at-most':
      return b.medianSeconds;
    case 'rows-per-second-at-least':
      return b.rowsPerSecond;
    case 'peak-at-most':
      return b.peakBytes;
    case 'peak-ratio-at-most':
      return a.peakBytes === undefined || b.peakBytes === undefined
        ? undefined
        : b.peakBytes / a.peakBytes;
  }
}
