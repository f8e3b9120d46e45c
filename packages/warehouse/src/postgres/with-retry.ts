import { setTimeout as delay } from 'node:timers/promises';

import { PostgresError } from './errors.ts';

const firstDelayMs = 50;
const maxDelayMs = 5_000;

/** How long and for what to try again. */
export interface RetryOptions {
  /** For so many milliseconds from the first failure on; after that the last error is thrown. */
  readonly retryForMs: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether `COMMIT_UNKNOWN` is tried again too: for work that does nothing the second time.
   * @default false
   */
  readonly isRepeatable?: boolean | undefined;
  /** Called before each wait. */
  readonly onRetry?: ((error: PostgresError, delayMs: number) => void) | undefined;
}

/**
 * Runs `work` until it succeeds, fails with what no repetition mends, or the time is over; with
 * full jitter between, so that many who lost one server do not come back at one moment.
 *
 * @throws {PostgresError} the last one; `CANCELLED` where `signal` was aborted during a wait.
 */
export async function withRetry<Result>(
  work: () => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  let endMs: number | undefined;
  for (let ceilingMs = firstDelayMs; ; ceilingMs = Math.min(ceilingMs * 2, maxDelayMs)) {
    try {
      return await work();
    } catch (cause) {
      const failedMs = performance.now();
      endMs ??= failedMs + options.retryForMs;
      const remainingMs = endMs - failedMs;
      if (!isWorthRetrying(cause, options) || remainingMs <= 0) {
        throw cause;
      }
      const delayMs = Math.min(Math.random() * ceilingMs, remainingMs);
      options.onRetry?.(cause, delayMs);
      await waitOrCancel(delayMs, options.signal, cause);
    }
  }
}

function isWorthRetrying(cause: unknown, options: RetryOptions): cause is PostgresError {
  return (
    cause instanceof PostgresError &&
    (cause.retryable || (cause.code === 'COMMIT_UNKNOWN' && options.isRepeatable === true))
  );
}

async function waitOrCancel(
  delayMs: number,
  signal: AbortSignal | undefined,
  last: PostgresError,
): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch {
    throw new PostgresError('CANCELLED', `stopped while waiting to try again: ${last.message}`, {
      cause: last,
    });
  }
}
