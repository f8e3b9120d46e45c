import { FetchError } from './fetch-error.ts';

const firstPauseMs = 1000;
const longestPauseMs = 30_000;

// A server may ask for a year; nobody who waits at a terminal would.
const longestRetryAfterMs = 5 * 60_000;

export interface RetryOptions {
  /** Tries after the first one. */
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/**
 * Runs `work` until it succeeds, fails for good, has been tried `1 + retries` times, or the signal is
 * aborted; pauses before each further try.
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, signal, delay, random }: RetryOptions,
): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await work();
    } catch (error) {
      const isWorthIt = error instanceof FetchError && error.retryable;
      if (!isWorthIt || retry >= retries || signal.aborted) {
        throw error;
      }
      await delay(pauseMs({ retry, retryAfterMs: error.retryAfterMs, random }), signal);
    }
  }
}

/** Whether the same request may get another status later. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * The wait that a `Retry-After` header asks for, in seconds or as a date; undefined where it asks for
 * nothing that can be read.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  if (/^\d+$/.test(header)) {
    return Number(header) * 1000;
  }
  // Date.parse takes much that is no HTTP date: "-1" would be a day in 2001.
  const instant = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(instant) ? undefined : Math.max(0, instant - now.getTime());
}

/**
 * Full jitter: uniform from 0 to a bound that doubles with each retry, from 1 s to 30 s, so that clients
 * that failed together do not come back together. Never less than `Retry-After`, up to 5 min of it.
 */
function pauseMs({
  retry,
  retryAfterMs = 0,
  random,
}: {
  readonly retry: number;
  readonly retryAfterMs: number | undefined;
  readonly random: () => number;
}): number {
  const bound = Math.min(longestPauseMs, firstPauseMs * 2 ** retry);
  return Math.max(Math.floor(random() * bound), Math.min(retryAfterMs, longestRetryAfterMs));
}
