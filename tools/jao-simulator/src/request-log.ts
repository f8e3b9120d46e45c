import type { BusinessDay } from './business-day.ts';
import type { FaultKind } from './fault.ts';

/** One request, as the service saw it. Requests of `/_control` are not logged. */
export interface LoggedRequest {
  /** From 1, in the order of arrival. */
  readonly ordinal: number;
  /** When it came in: real time, UTC epoch milliseconds with a fraction, never backwards. */
  readonly atMs: number;
  /** The same by the simulator's clock. */
  readonly simulatedAtMs: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly path: string;
  /** `core/maxExchanges`, when the path is that of a served dataset. */
  readonly dataset: string | undefined;
  /** The window, when it was accepted. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** The business day of `fromMs`. */
  readonly businessDay: BusinessDay | undefined;
  /** What was sent; `undefined` when no status line was sent (yet). */
  readonly status: number | undefined;
  readonly fault: FaultKind | undefined;
  /** The fault put content into the answer that is not the truth. */
  readonly isContentFault: boolean;
  /** Refused by the rate limit. */
  readonly isRateLimited: boolean;
  readonly userAgent: string | undefined;
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly remotePort: number | undefined;
}

/** The largest number of arrivals in any half-open minute; `atMs` ascend. */
export function maxInAnyMinute(atMs: readonly number[]): number {
  let first = 0;
  let most = 0;
  for (const [last, lastMs] of atMs.entries()) {
    while ((atMs[first] ?? lastMs) <= lastMs - 60_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Real time that never goes backwards, UTC epoch milliseconds with a fraction. */
export function monotonicNowMs(): number {
  return performance.timeOrigin + performance.now();
}
