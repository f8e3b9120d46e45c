import type { AttemptOutcome } from '@sluice/schemas/jao';

/** Why a request brought no body that could be parsed. */
export const failedOutcomes = [
  'schema',
  'not_json',
  'too_large',
  'http_4xx',
  'http_429',
  'http_5xx',
  'range_refused',
  'redirect_refused',
  'dns',
  'connect',
  'tls',
  'connect_timeout',
  'headers_timeout',
  'total_timeout',
  'reset',
  'truncated',
  'cancelled',
] as const satisfies readonly AttemptOutcome[];

/** A member of {@link failedOutcomes}. */
export type FailedOutcome = (typeof failedOutcomes)[number];

/** One HTTP request that was sent. */
export interface SentRequest {
  /** Of its response; undefined where none came. */
  readonly status: number | undefined;
  /** Time between sending and the last byte. */
  readonly durationMs: number;
  /** Bytes of its body as they came. */
  readonly wireBytes: number;
}

/** A redirect that is about to be followed. */
export interface FollowedRedirect {
  /** Where it leads. */
  readonly url: URL;
  /** The request that was answered with it. */
  readonly sent: SentRequest;
}

/** What one call cost, followed redirects included. */
export interface RequestFigures {
  /** Of all its requests; waiting for leave is not in it. */
  readonly durationMs: number;
  /** Bytes of bodies as they came, without headers. */
  readonly wireBytes: number;
  /** Bytes of the body after decompression; 0 where it could not be decompressed, or was not. */
  readonly decodedBytes: number;
  /**
   * What was sent, in order: all but the last were answered with a redirect that was followed. A stop
   * may come before the next one, or the first, which is then not among them.
   */
  readonly requests: readonly SentRequest[];
}

/** A body that is whole and decompressed, whatever is in it: an empty one and a page of HTML too. */
export interface AnsweredRequest extends RequestFigures {
  readonly outcome: 'answered';
  readonly status: number;
  readonly bytes: Uint8Array;
  /** Of `bytes`. */
  readonly sha256: Buffer;
  /** As the service wrote it, to be sent back as it is. */
  readonly etag: string | undefined;
  /** As the service wrote it, to be sent back as it is. */
  readonly lastModified: string | undefined;
  /** The service's clock by its `Date` header. */
  readonly serverDate: Date | undefined;
}

/** HTTP 304 to a request that had a validator: nothing is new. */
export interface UnmodifiedRequest extends RequestFigures {
  readonly outcome: 'not_modified';
  readonly status: 304;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly serverDate: Date | undefined;
}

export interface FailedRequest extends RequestFigures {
  readonly outcome: FailedOutcome;
  /** Of the last response, where there was one, also if its body then failed. */
  readonly status: number | undefined;
  /** How long the service asked to be left alone, capped. */
  readonly retryAfterMs: number | undefined;
  /** What was asked and what happened, in one printable line of at most 1,000 characters, with no secret. */
  readonly message: string;
}

/** How one request ended. */
export type SourceAnswer = AnsweredRequest | UnmodifiedRequest | FailedRequest;
