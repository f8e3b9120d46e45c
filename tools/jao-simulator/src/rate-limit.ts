/** How a 429 says when to come back. */
export const retryAfterForms = ['seconds', 'date', 'none', 'absurd'] as const;

export type RetryAfterForm = (typeof retryAfterForms)[number];

/** The service's own limit. */
export interface RateLimit {
  readonly requestsPerMinute: number;
  /** @default 'seconds' */
  readonly retryAfter?: RetryAfterForm | undefined;
}

const minuteMs = 60_000;
const yearSeconds = 31_536_000;

/** A sliding window over the requests that were let through. */
export interface RateWindow {
  /** 0 when the request may pass, and then it counts; else milliseconds until one may. */
  take: (nowMs: number, requestsPerMinute: number) => number;
}

export function createRateWindow(): RateWindow {
  let passed: number[] = [];
  return {
    take: (nowMs, requestsPerMinute) => {
      passed = passed.filter((atMs) => atMs > nowMs - minuteMs);
      if (passed.length < requestsPerMinute) {
        passed.push(nowMs);
        return 0;
      }
      const oldest = passed[passed.length - requestsPerMinute] ?? nowMs;
      return Math.max(1, oldest + minuteMs - nowMs);
    },
  };
}

/** The header's value, or `undefined` for none. The date is by the real clock, as clients compare it with theirs. */
export function retryAfterText(form: RetryAfterForm, waitMs: number): string | undefined {
  switch (form) {
    case 'seconds':
      return String(Math.ceil(waitMs / 1000));
    case 'date':
      return new Date(Date.now() + waitMs + 999).toUTCString();
    case 'absurd':
      return String(yearSeconds);
    case 'none':
      return undefined;
  }
}
