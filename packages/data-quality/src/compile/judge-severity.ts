import type { Bounds, RowSeverity, Threshold } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import type { Finding } from './check-plan.ts';
import { rationalOf } from './rational.ts';

/** Whether so many of so many failing rows are more than a threshold allows, without rounding. */
export function exceeds(threshold: Threshold, failing: bigint, tested: bigint): boolean {
  if ('count' in threshold) {
    return failing > BigInt(threshold.count);
  }
  const { numerator, denominator } = rationalOf(threshold.percent);
  return failing * 100n * denominator > numerator * tested;
}

/** What follows from failing rows; without any threshold the first one is a failure. */
export function judgeRows(
  severity: Pick<RowSeverity, 'warn' | 'error'>,
  failing: bigint,
  tested: bigint,
): Finding['outcome'] {
  const { warn, error } = withDefault(severity);
  if (error !== undefined && exceeds(error, failing, tested)) {
    return 'failed';
  }
  return warn !== undefined && exceeds(warn, failing, tested) ? 'warned' : 'passed';
}

/** What the thresholds allow, in words. */
export function describeThresholds(severity: Pick<RowSeverity, 'warn' | 'error'>): string {
  const { warn, error } = withDefault(severity);
  return describeLevels(
    warn && `at most ${describeThreshold(warn)}`,
    error && `at most ${describeThreshold(error)}`,
  );
}

/** What is expected on each level, in words. */
export function describeLevels(warn: string | undefined, error: string | undefined): string {
  const parts = [
    ...(error === undefined ? [] : [error]),
    ...(warn === undefined || warn === error ? [] : [`${warn} (warning)`]),
  ];
  return parts.join('; ');
}

/** @throws {QualityError} `DECLARATION` for thresholds that no number of rows can be compared with. */
export function checkThresholds(severity: Pick<RowSeverity, 'warn' | 'error'>): void {
  for (const threshold of [severity.warn, severity.error]) {
    const isSound =
      threshold === undefined ||
      ('count' in threshold
        ? threshold.count >= 0 && rationalOf(threshold.count).denominator === 1n
        : threshold.percent >= 0 && threshold.percent <= 100);
    if (!isSound) {
      throw new QualityError(
        'DECLARATION',
        'a threshold is a whole count, or a percentage of 0 to 100',
      );
    }
  }
}

/** Bounds as text: `1 to 5`, `at least 1`. */
export function describeBounds({ min, max }: Bounds<number | bigint | string>): string {
  if (min !== undefined && max !== undefined) {
    return `${String(min)} to ${String(max)}`;
  }
  return min === undefined ? `at most ${String(max)}` : `at least ${String(min)}`;
}

function withDefault(severity: Pick<RowSeverity, 'warn' | 'error'>): typeof severity {
  const hasNone = severity.warn === undefined && severity.error === undefined;
  return hasNone ? { error: { count: 0 } } : severity;
}

function describeThreshold(threshold: Threshold): string {
  return 'count' in threshold
    ? `${String(threshold.count)} failing`
    : `${String(threshold.percent)} % failing`;
}
