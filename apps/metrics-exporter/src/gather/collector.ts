import type { MetricFamily } from '@sluice/metrics';

/** Reads metrics from one source, anew each time. */
export interface Collector {
  /** Its label in the metrics about collectors. */
  readonly name: string;
  /**
   * The metrics as they are now. It ends what it began when the signal is aborted, which is at the
   * deadline of the last scrape that waits. It may be called while one earlier call still runs.
   */
  readonly collect: (signal: AbortSignal) => Promise<readonly MetricFamily[]>;
  /** What is told instead where that fails, or is not done in time. @default nothing */
  readonly whenFailed?: readonly MetricFamily[];
}
