export const fetchErrorCodes = [
  'USAGE',
  'REFUSED',
  'HTTP',
  'NETWORK',
  'TOO_LARGE',
  'CHECKSUM',
  'UNSAFE_ARCHIVE',
  'EXISTS',
  'DISK',
  'ABORTED',
] as const;

export type FetchErrorCode = (typeof fetchErrorCodes)[number];

export interface FetchErrorOptions {
  readonly code: FetchErrorCode;
  /** Whether the same call may succeed later with nothing changed on our side. @default false */
  readonly retryable?: boolean;
  /** How long the server asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * Why a fetch failed. The message says what was done, with what, what happened and what to do next,
 * and never holds credentials or the query of a URL; nor does the cause.
 */
export class FetchError extends Error {
  readonly code: FetchErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { code, retryable, retryAfterMs, cause }: FetchErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FetchError';
    this.code = code;
    this.retryable = retryable ?? false;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The error as a FetchError: what a file system call threw becomes `DISK`. Anything else is a mistake in
 * this program and comes back as it is.
 */
export function classifyError(error: unknown, label: string): unknown {
  if (error instanceof FetchError || !isSystemError(error)) {
    return error;
  }
  return new FetchError(
    `${label}: ${error.message}; mend the folder or free some space, and run the same command again`,
    { code: 'DISK', cause: error },
  );
}

/** The error that ends a call whose signal was aborted: the signal's own reason where that is ours. */
export function stopError(signal: AbortSignal, label: string): FetchError {
  const reason: unknown = signal.reason;
  return reason instanceof FetchError
    ? reason
    : new FetchError(
        `${label}: stopped on request; run the same command again to go on from what has arrived`,
        { code: 'ABORTED', retryable: true },
      );
}

/** Whether a call of the file system failed with one of these codes. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'syscall' in error &&
    'code' in error &&
    typeof error.code === 'string'
  );
}
