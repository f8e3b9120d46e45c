import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { decodeBody } from './decode-body.ts';
import { describeFailure } from './describe-failure.ts';
import { parseHttpDate } from './http-date.ts';
import { judgeStatus } from './judge-status.ts';
import { oneLine } from './one-line.ts';
import type { RefusedRedirect } from './redirect.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { HttpResponse, ResponseHead } from './send-request.ts';
import type {
  AnsweredRequest,
  FailedOutcome,
  FailedRequest,
  UnmodifiedRequest,
} from './source-answer.ts';
import { windowUrl } from './window-url.ts';

const maxQuoteLength = 200;
/** More than is quoted or searched for words. */
const maxRefusalBytes = 65_536;

export interface JudgeOptions {
  readonly origin: string;
  readonly request: AskedWindow;
  /** Why the response is a redirect that is not followed. */
  readonly refused: RefusedRedirect | undefined;
  readonly maxDecodedBytes: number;
  readonly maxRetryAfterMs?: number | undefined;
  readonly nowMs: number;
  /** Whether the server was told a secret: then no word of its goes into a message, since it could be it. */
  readonly hasSecret: boolean;
}

/** Of a request, what its answer is judged by. */
export interface AskedWindow {
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

type Judged<Answer> = Omit<Answer, 'durationMs' | 'wireBytes' | 'requests'>;

/** What a response means, without the figures that only the caller has. */
export type JudgedResponse =
  Judged<AnsweredRequest> | Judged<UnmodifiedRequest> | Judged<FailedRequest>;

/**
 * Judges what came of a request. A status other than a success counts also if its body failed; of a
 * success the body must be whole.
 */
export function judgeResponse(response: HttpResponse, options: JudgeOptions): JudgedResponse {
  const { head, failure } = response;
  if (head === undefined || failure?.outcome === 'cancelled') {
    const outcome = failure?.outcome ?? 'reset';
    return fail({ outcome, reason: failure?.reason ?? 'no response', head }, options);
  }
  if (options.refused !== undefined) {
    const { refusal, target } = options.refused;
    const reason = `HTTP ${head.status}: a redirect ${refusal}, which is not followed`;
    return fail({ outcome: 'redirect_refused', reason, head, quote: target }, options);
  }
  const { request } = options;
  const text = head.status >= 400 ? readText(response) : '';
  const verdict = judgeStatus({
    status: head.status,
    isConditional: request.etag !== undefined || request.lastModified !== undefined,
    isSplittable: request.toMs - request.fromMs > request.stepMs,
    text,
  });
  if (verdict.kind === 'failed') {
    return fail({ ...verdict, head, quote: text }, options);
  }
  if (verdict.kind === 'not_modified') {
    return { outcome: 'not_modified', status: 304, decodedBytes: 0, ...validators(head, options) };
  }
  return failure === undefined
    ? judgeBody(response.body, head, options)
    : fail({ ...failure, head }, options);
}

function judgeBody(wire: Buffer, head: ResponseHead, options: JudgeOptions): JudgedResponse {
  const decoded = decodeBody(wire, {
    encoding: head.headers['content-encoding'],
    maxBytes: options.maxDecodedBytes,
  });
  if ('outcome' in decoded) {
    return fail({ ...decoded, head }, options);
  }
  const { bytes } = decoded;
  return {
    outcome: 'answered',
    status: head.status,
    bytes,
    sha256: createHash('sha256').update(bytes).digest(),
    decodedBytes: bytes.length,
    ...validators(head, options),
  };
}

function validators({ headers }: ResponseHead, { nowMs }: JudgeOptions) {
  const serverMs = headers.date === undefined ? undefined : parseHttpDate(headers.date, nowMs);
  return {
    etag: headers.etag,
    lastModified: headers['last-modified'],
    serverDate: serverMs === undefined ? undefined : new Date(serverMs),
  };
}

interface Failure {
  readonly outcome: FailedOutcome;
  readonly reason: string;
  readonly head: ResponseHead | undefined;
  /** The server's words. */
  readonly quote?: string | undefined;
}

function fail(
  { outcome, reason, head, quote = '' }: Failure,
  options: JudgeOptions,
): Judged<FailedRequest> {
  const { origin, request, hasSecret } = options;
  const said = hasSecret ? '' : oneLine(quote, maxQuoteLength);
  const url = windowUrl(origin, request).href;
  return {
    outcome,
    status: head?.status,
    retryAfterMs: head === undefined ? undefined : retryAfter(head, options),
    message: describeFailure(url, said === '' ? reason : `${reason}: ${said}`),
    decodedBytes: 0,
  };
}

/** A success asks for no pause. */
function retryAfter(
  { status, headers }: ResponseHead,
  { nowMs, maxRetryAfterMs }: JudgeOptions,
): number | undefined {
  return status < 400
    ? undefined
    : parseRetryAfter(headerPair(headers), { nowMs, maxMs: maxRetryAfterMs });
}

function headerPair(headers: IncomingHttpHeaders) {
  return { retryAfter: headers['retry-after'], date: headers.date };
}

function readText({ head, body }: HttpResponse): string {
  const decoded = decodeBody(body, {
    encoding: head?.headers['content-encoding'],
    maxBytes: maxRefusalBytes,
  });
  return 'bytes' in decoded ? decoded.bytes.toString() : '';
}
