import type { TableExpectation } from '@sluice/schemas/expectations';

import type { HistoryPoint } from './check-context.ts';

type AnomalyCheck = Extract<TableExpectation, { kind: 'anomaly' }>;

/** Makes the median absolute deviation of a normal distribution its standard deviation. */
export const deviationScale = 1.482_602_218_505_602;
const defaultMinHistory = 7;
const defaultMaxHistory = 90;

/** How far a value is from its history. */
export interface Anomaly {
  readonly median: number;
  /** From the median, with its sign. */
  readonly change: number;
  /** The change in deviations: 0 where it is too small to count, Infinity where history never moved. */
  readonly deviations: number;
  readonly points: number;
}

/**
 * Compares a value with the points of history that come before it and share its season;
 * `undefined` where those are too few.
 */
export function detectAnomaly(
  check: Pick<
    AnomalyCheck,
    | 'minAbsoluteChange'
    | 'minPercentChange'
    | 'seasonality'
    | 'direction'
    | 'minHistory'
    | 'maxHistory'
  >,
  tested: HistoryPoint,
  history: readonly HistoryPoint[],
): Anomaly | undefined {
  const values = history
    .filter(({ at }) => at < tested.at && isSameSeason(check.seasonality ?? 'none', at, tested.at))
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, check.maxHistory ?? defaultMaxHistory)
    .map(({ value }) => value);
  if (values.length < Math.max(1, check.minHistory ?? defaultMinHistory)) {
    return undefined;
  }
  const median = medianOf(values);
  const spread = deviationScale * medianOf(values.map((value) => Math.abs(value - median)));
  const change = tested.value - median;
  const direction = check.direction ?? 'both';
  const isOfInterest =
    Math.abs(change) > check.minAbsoluteChange &&
    Math.abs(change) * 100 > (check.minPercentChange ?? 0) * Math.abs(median) &&
    !(direction === 'drop' && change > 0) &&
    !(direction === 'rise' && change < 0);
  return {
    median,
    change,
    deviations: isOfInterest ? Math.abs(change) / spread : 0,
    points: values.length,
  };
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function isSameSeason(
  seasonality: NonNullable<AnomalyCheck['seasonality']>,
  a: Date,
  b: Date,
): boolean {
  switch (seasonality) {
    case 'none':
      return true;
    case 'weekday':
      return a.getUTCDay() === b.getUTCDay();
    case 'day_of_month':
      return a.getUTCDate() === b.getUTCDate();
  }
}
