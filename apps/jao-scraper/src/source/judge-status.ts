import type { FailedOutcome } from './source-answer.ts';

/** What a status means before its body is looked at. */
export type StatusVerdict =
  | { readonly kind: 'body' }
  | { readonly kind: 'not_modified' }
  | { readonly kind: 'failed'; readonly outcome: FailedOutcome; readonly reason: string };

export interface JudgedResponse {
  readonly status: number;
  /** Whether a validator was sent. */
  readonly isConditional: boolean;
  /** Whether the window has more than one step, and could be asked for in parts. */
  readonly isSplittable: boolean;
  /** What of the body could be read, decompressed. */
  readonly text: string;
}

/** 203 is a 200 that passed a proxy; 204 is a 200 whose body is empty. */
const bodyStatuses: readonly number[] = [200, 203, 204];

/**
 * Judges a response by its status. 206 is a part that nobody asked for. A 304 that nobody asked for, and a
 * success of any other kind, is not how this service answers: `schema`.
 */
export function judgeStatus(response: JudgedResponse): StatusVerdict {
  const { status } = response;
  if (bodyStatuses.includes(status)) {
    return { kind: 'body' };
  }
  if (status === 304 && response.isConditional) {
    return { kind: 'not_modified' };
  }
  const outcome = failedOutcome(response);
  const isUnasked = status === 304 || status === 206;
  return { kind: 'failed', outcome, reason: `HTTP ${status}${isUnasked ? ', unasked' : ''}` };
}

function failedOutcome(response: JudgedResponse): FailedOutcome {
  const { status } = response;
  if (status === 429) {
    return 'http_429';
  }
  if (status === 400 && response.isSplittable && !isRefusedForElse(response.text)) {
    return 'range_refused';
  }
  if (status >= 500) {
    return 'http_5xx';
  }
  if (status >= 400) {
    return 'http_4xx';
  }
  if (status === 206) {
    return 'truncated';
  }
  return status >= 300 && status !== 304 ? 'redirect_refused' : 'schema';
}

const rangeWords = /range|period|interval|window|hour|day|span|FromUtc|ToUtc|\bfrom\b|\b48\b/i;
const otherWords =
  /parameter|filter|skip|take|token|authori[sz]|credential|header|cookie|blocked|captcha|not found|unknown|https/i;

/**
 * Whether a 400 names another reason than the range. Limits change and words too, so in doubt it is the
 * range: a window that is split in vain costs one request for each halving, until a single step is refused.
 */
function isRefusedForElse(text: string): boolean {
  return otherWords.test(text) && !rangeWords.test(text);
}
