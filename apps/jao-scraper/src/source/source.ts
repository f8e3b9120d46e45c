import { checkPositive, createClient, validatorHeaders } from './client.ts';
import type { Client, ClientOptions } from './client.ts';
import { judgeResponse } from './judge-response.ts';
import { readRedirect } from './redirect.ts';
import { sendRequest } from './send-request.ts';
import type { FollowedRedirect, SentRequest, SourceAnswer } from './source-answer.ts';
import type { TimeWindow } from './split-window.ts';
import { windowUrl } from './window-url.ts';

export interface SourceOptions extends ClientOptions {
  /** Cap on a body, in bytes after decompression: at most so much is held for each request. */
  readonly maxDecodedBytes: number;
  /** No `Retry-After` is longer than this. @default 15 minutes */
  readonly maxRetryAfterMs?: number | undefined;
  /** The local clock, UTC epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
}

export interface WindowRequest extends TimeWindow {
  /** `/core/api/data/maxExchanges` */
  readonly path: string;
  /** The dataset's step: a window of more than one may turn out `range_refused`. */
  readonly stepMs: number;
  /** Of the answer that is stored for the same path and window, as it came. */
  readonly etag?: string | undefined;
  /** Of the answer that is stored for the same path and window, as it came. */
  readonly lastModified?: string | undefined;
  readonly signal: AbortSignal;
  /** Awaited before a redirect is followed, which is one more request; fails the call if it fails. */
  readonly beforeRedirect?: ((redirect: FollowedRedirect) => Promise<void>) | undefined;
}

/** A service that is asked for windows, by one origin. */
export interface Source {
  /** `https://host:port` */
  readonly origin: string;
  /**
   * Asks once for a window: one attempt. Whatever the network or the service does is an answer; after
   * `close`, and when the signal is aborted, it is `cancelled`.
   *
   * @throws {TypeError} the path leads away from the origin, or a validator cannot be sent.
   * @throws {RangeError} the window is empty or no time.
   */
  readonly fetchWindow: (request: WindowRequest) => Promise<SourceAnswer>;
  /** Cancels what is out, and frees the connections. */
  readonly close: () => void;
}

/**
 * @throws {TypeError} the origin is none, or a header cannot be sent.
 * @throws {RangeError} a deadline or a cap is no positive number.
 */
export function createSource(options: SourceOptions): Source {
  checkPositive('maxDecodedBytes', options.maxDecodedBytes);
  const client = createClient(options);
  const closing = new AbortController();
  const running = new Set<AbortController>();
  return {
    origin: client.origin,
    fetchWindow: async (request) => {
      const stop = new AbortController();
      const abort = () => {
        stop.abort();
      };
      // Not AbortSignal.any: the signals of a run and of a source outlive any number of requests.
      request.signal.addEventListener('abort', abort, { once: true });
      running.add(stop);
      if (request.signal.aborted || closing.signal.aborted) {
        abort();
      }
      try {
        return await askWindow({ ...request, signal: stop.signal }, { client, options });
      } finally {
        running.delete(stop);
        request.signal.removeEventListener('abort', abort);
      }
    },
    close: () => {
      closing.abort();
      for (const stop of running) {
        stop.abort();
      }
      client.close();
    },
  };
}

interface Asking {
  readonly client: Client;
  readonly options: SourceOptions;
}

async function askWindow(request: WindowRequest, asking: Asking): Promise<SourceAnswer> {
  const { client, options } = asking;
  const { now = Date.now } = options;
  const headers = validatorHeaders(request);
  const asked: URL[] = [];
  const requests: SentRequest[] = [];
  let [durationMs, wireBytes] = [0, 0];
  let url = windowUrl(client.origin, request);
  for (;;) {
    asked.push(url);
    const response = await sendRequest({
      client: client.got,
      url,
      headers,
      timeouts: options.timeouts,
      maxWireBytes: options.maxDecodedBytes,
      signal: request.signal,
    });
    const sent = {
      status: response.head?.status,
      durationMs: response.durationMs,
      wireBytes: response.wireBytes,
    };
    if (response.isSent) {
      requests.push(sent);
    }
    durationMs += response.durationMs;
    wireBytes += response.wireBytes;
    const redirect = readRedirect(response, asked);
    if (redirect === undefined || 'refusal' in redirect) {
      const judged = judgeResponse(response, {
        origin: client.origin,
        request,
        refused: redirect,
        maxDecodedBytes: options.maxDecodedBytes,
        maxRetryAfterMs: options.maxRetryAfterMs,
        nowMs: now(),
        hasSecret: options.bearer !== undefined,
      });
      return { ...judged, durationMs, wireBytes, requests };
    }
    await waitForLeave(request, { url: redirect.url, sent });
    url = redirect.url;
  }
}

/** A wait that fails because it was stopped leads to a request that is not sent. */
async function waitForLeave(
  { beforeRedirect, signal }: WindowRequest,
  redirect: FollowedRedirect,
): Promise<void> {
  try {
    await beforeRedirect?.(redirect);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
