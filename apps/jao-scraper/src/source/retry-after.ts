import { parseHttpDate } from './http-date.ts';

/** A server may ask for a year; whoever waits that long is gone. */
export const defaultMaxRetryAfterMs = 15 * 60_000;

/** A clock that is further off than this is not set at all, and no other header of it is believed. */
const maxClockErrorMs = 24 * 3_600_000;

export interface RetryAfterHeaders {
  /** `Retry-After` as it came. */
  readonly retryAfter: string | undefined;
  /** `Date` of the same response. */
  readonly date: string | undefined;
}

export interface RetryAfterOptions {
  /** The local clock, UTC epoch milliseconds. */
  readonly nowMs: number;
  /** No wait is longer than this. @default 15 minutes */
  readonly maxMs?: number | undefined;
}

/**
 * The wait that a response asks for, in milliseconds, capped; `undefined` where it asks for none: no
 * header, one that is neither whole seconds nor an HTTP date, a date that is past.
 *
 * A date is compared with the response's own `Date`, so that a server whose clock is wrong says the right
 * thing; with the local clock where that is absent, unreadable or more than a day off.
 */
export function parseRetryAfter(
  { retryAfter, date }: RetryAfterHeaders,
  { nowMs, maxMs = defaultMaxRetryAfterMs }: RetryAfterOptions,
): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) {
    return Math.min(Number(text) * 1000, maxMs);
  }
  const untilMs = parseHttpDate(text, nowMs);
  if (untilMs === undefined) {
    return undefined;
  }
  const waitMs = untilMs - serverNow(date, nowMs);
  return waitMs < 0 ? undefined : Math.min(waitMs, maxMs);
}

function serverNow(date: string | undefined, nowMs: number): number {
  const serverMs = date === undefined ? undefined : parseHttpDate(date, nowMs);
  return serverMs === undefined || Math.abs(serverMs - nowMs) > maxClockErrorMs ? nowMs : serverMs;
}
