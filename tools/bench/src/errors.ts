/** What a benchmark can fail with: the work was not done, or not the same work on both sides. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}

/** A wrong command line: one line for each problem. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
