/** How the tests of one or more projects ended. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part that is read of the report that Vitest's `json` reporter writes (Jest's format). */
export interface TestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts the tests of one report.
 *
 * What failed without a failing test counts as one failed: a file that could not be loaded, and a run
 * that was not a success though each of its tests was (an error after the last test).
 */
export function countTests(report: TestReport): TestCount {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const failedBefore = count.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') count.passed += 1;
      else if (status === 'failed') count.failed += 1;
      else count.skipped += 1;
    }
    if (file.status === 'failed' && count.failed === failedBefore) count.failed += 1;
  }
  if (!report.success && count.failed === 0) count.failed = 1;
  return count;
}

/** Adds up the counts of several projects. */
export function addCounts(counts: readonly TestCount[]): TestCount {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

/** The line that `npm test` ends with: `12 passed, 0 failed`, and `, 1 skipped` if any was. */
export function formatCount({ passed, failed, skipped }: TestCount): string {
  const line = `${String(passed)} passed, ${String(failed)} failed`;
  return skipped === 0 ? line : `${line}, ${String(skipped)} skipped`;
}

/** Reads a report from its JSON text; `undefined` when the text is not such a report. */
export function parseTestReport(text: string): TestReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isTestReport(value) ? value : undefined;
}

function isTestReport(value: unknown): value is TestReport {
  return (
    isRecord(value) &&
    typeof value['success'] === 'boolean' &&
    Array.isArray(value['testResults']) &&
    value['testResults'].every(
      (file) =>
        isRecord(file) &&
        typeof file['status'] === 'string' &&
        Array.isArray(file['assertionResults']) &&
        file['assertionResults'].every(
          (result) => isRecord(result) && typeof result['status'] === 'string',
        ),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
