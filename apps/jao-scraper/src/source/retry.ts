import type { AttemptOutcome } from '@sluice/schemas/jao';

/**
 * What the same request may get another answer for within the run. A body that is no data is among them,
 * `rejected` and `schema` included: that is how services that are down for maintenance answer; and an
 * answer to another question, which a cache may have given.
 */
const retryable: ReadonlySet<AttemptOutcome> = new Set([
  'rejected',
  'empty_body',
  'html',
  'not_json',
  'schema',
  'foreign',
  'http_429',
  'http_5xx',
  'dns',
  'connect',
  'connect_timeout',
  'headers_timeout',
  'total_timeout',
  'reset',
  'truncated',
]);

const requestTimeout = 408;

/**
 * Whether it is worth asking again soon. Not where it succeeded, was stopped by us, or was refused for what
 * will still be so: who we are, what we asked for, a certificate, a redirect, a size.
 */
export function isRetryable({
  outcome,
  status,
}: {
  readonly outcome: AttemptOutcome;
  readonly status?: number | undefined;
}): boolean {
  return retryable.has(outcome) || (outcome === 'http_4xx' && status === requestTimeout);
}

export interface RetryDelayOptions {
  /** The try that has failed: 1 is the first. */
  readonly try: number;
  /** What the server asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Bound of the first pause; it doubles with each further try. @default 1000 */
  readonly baseMs?: number | undefined;
  /** Bound of all pauses. @default 60_000 */
  readonly capMs?: number | undefined;
  /** 0 to 1, as of `Math.random`. */
  readonly random: () => number;
}

/**
 * The pause before the next try, in milliseconds. Full jitter: uniform from 0 to the bound, so that clients
 * that failed together do not come back together; after `Retry-After`, where there is one, for the same
 * reason.
 */
export function retryDelayMs({
  try: failedTry,
  retryAfterMs = 0,
  baseMs = 1000,
  capMs = 60_000,
  random,
}: RetryDelayOptions): number {
  if (!Number.isSafeInteger(failedTry) || failedTry < 1) {
    throw new RangeError(`try: expected a whole number from 1 on, received ${failedTry}`);
  }
  const boundMs = Math.min(capMs, baseMs * 2 ** (failedTry - 1));
  return retryAfterMs + Math.floor(random() * boundMs);
}
