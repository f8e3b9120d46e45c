import type { MetricFamily } from '@sluice/metrics';

import { familyOf, familyOfRows } from '../declared-metric.ts';
import { ledgerMetrics } from './ledger-metrics.ts';

/** The newest result of a check. */
export interface NewestResult {
  readonly labels: {
    readonly dataset: string;
    readonly check: string;
    readonly scope?: string;
    readonly warehouse?: string;
  };
  /** Of `checkOutcomes`, or what a newer app calls another one. */
  readonly outcome: string;
  readonly failing: number | null;
  readonly checkedAtSeconds: number | undefined;
}

/** What an outcome means to whoever waits for warnings, or for errors. */
const passedBySeverity: Readonly<
  Record<string, { readonly warn: number; readonly error: number }>
> = {
  passed: { warn: 1, error: 1 },
  skipped: { warn: 1, error: 1 },
  warned: { warn: 0, error: 1 },
};
const passedNothing = { warn: 0, error: 0 };

/** Tells of newest results of checks. */
export function checkFamilies(results: readonly NewestResult[]): MetricFamily[] {
  return [
    familyOf(
      ledgerMetrics.checkPassed,
      results.flatMap(({ labels, outcome }) => {
        const { warn, error } = passedBySeverity[outcome] ?? passedNothing;
        return [
          [{ ...labels, severity: 'warn' }, warn],
          [{ ...labels, severity: 'error' }, error],
        ] as const;
      }),
    ),
    familyOfRows(ledgerMetrics.checkViolations, results, (row) => row.failing),
    familyOfRows(ledgerMetrics.checkLastRun, results, (row) => row.checkedAtSeconds),
  ];
}
