import type { SourceMetrics } from '../source/source-metrics.ts';

/** The requests of a run, redirects included, and those that were made again. */
export interface RequestCounts {
  readonly metrics: SourceMetrics;
  readonly requests: number;
  readonly retries: number;
}

/** Counts requests for a report, where nobody scrapes metrics. */
export function countRequests(): RequestCounts {
  const counts = { requests: 0, retries: 0 };
  return {
    metrics: {
      observeRequest: ({ answer }) => {
        counts.requests += answer.requests.length;
      },
      countRefusedBody: () => undefined,
      countRetry: () => {
        counts.retries += 1;
      },
      throttleWaitSeconds: { inc: () => undefined },
      setPausedUntil: () => undefined,
    },
    get requests() {
      return counts.requests;
    },
    get retries() {
      return counts.retries;
    },
  };
}
