import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';

import got, { RequestError, TimeoutError, type Request } from 'got';

import { FetchError, stopError } from './fetch-error.ts';
import type { FetchTimeouts } from './fetch-options.ts';
import { followRedirect } from './source-url.ts';

const userAgent = 'sluice-votes-ingest';
const maxRedirects = 10;
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

export interface FileRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowedOrigins: readonly string[];
  readonly timeouts: FetchTimeouts;
  readonly signal: AbortSignal;
  /** What is being done, for messages: `fetch https://host/path`. */
  readonly label: string;
}

export interface FileResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it was sent, not decompressed. Can be read once; leaving it early closes the connection. */
  readonly body: AsyncIterable<Buffer>;
  /** Closes the connection. */
  readonly close: () => void;
}

/**
 * Sends one GET request, follows redirects to allowed origins, and returns the first other response, of
 * whatever status.
 *
 * @throws {FetchError} `NETWORK` (retryable, but not for certificates), `REFUSED` for a redirect, `HTTP` for
 * too many of them, and what {@link stopError} says when the signal is aborted; the same while reading the body.
 */
export async function openResponse(request: FileRequest): Promise<FileResponse> {
  const { allowedOrigins, label } = request;
  let url = request.url;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const response = await sendRequest({ ...request, url });
    const { location } = response.headers;
    if (location === undefined || !redirectStatuses.includes(response.status)) {
      return response;
    }
    response.close();
    url = followRedirect({ from: url, location, allowedOrigins, label });
  }
  throw new FetchError(
    `${label}: the server redirects in circles, ${maxRedirects} times; ask whoever runs it`,
    { code: 'HTTP' },
  );
}

async function sendRequest(request: FileRequest): Promise<FileResponse> {
  const { url, headers, timeouts, signal } = request;
  const stream = got.stream(url, {
    // The file is stored as it is sent: its hash and its ranges are those of the bytes on the server.
    decompress: false,
    headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: {
      lookup: timeouts.connectMs,
      connect: timeouts.connectMs,
      secureConnect: timeouts.connectMs,
      response: timeouts.headersMs,
    },
    signal,
  });
  // An error that comes after we stopped reading must not end the process.
  stream.on('error', ignoreLateError);
  try {
    await once(stream, 'response');
  } catch (error) {
    throw toNetworkError(error, request);
  }
  if (stream.response === undefined) {
    throw new TypeError('got emitted "response" without a response');
  }
  return {
    status: stream.response.statusCode,
    headers: stream.response.headers,
    body: readBody(stream, request),
    close: () => stream.destroy(),
  };
}

/** `timeout.read` of got limits the whole body; this limits each wait for the next piece of it. */
async function* readBody(stream: Request, request: FileRequest): AsyncGenerator<Buffer> {
  const { idleMs } = request.timeouts;
  const idle = new AbortController();
  const startTimer = () =>
    setTimeout(() => {
      idle.abort();
      stream.destroy();
    }, idleMs);
  let timer = startTimer();
  try {
    // No encoding is set, so the chunks are Buffers.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      yield chunk;
      timer = startTimer();
    }
  } catch (error) {
    throw idle.signal.aborted ? idleError(request) : toNetworkError(error, request);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

function idleError({ label, timeouts }: FileRequest): FetchError {
  return new FetchError(
    `${label}: nothing came for ${timeouts.idleMs} ms; run the same command again to go on from what has arrived`,
    { code: 'NETWORK', retryable: true },
  );
}

/** Errors of got hold the URL with its query and all headers, so only what they were made from is kept. */
function toNetworkError(error: unknown, { signal, label, timeouts }: FileRequest): unknown {
  if (signal.aborted) {
    return stopError(signal, label);
  }
  if (!(error instanceof RequestError)) {
    return error;
  }
  if (error instanceof TimeoutError) {
    const isHeaders = error.event === 'response';
    const limitMs = isHeaders ? timeouts.headersMs : timeouts.connectMs;
    const problem = isHeaders ? 'sent no response' : `could not be reached (${error.event})`;
    return new FetchError(`${label}: the server ${problem} within ${limitMs} ms; try again later`, {
      code: 'NETWORK',
      retryable: true,
    });
  }
  if (isCertificateError(error.code)) {
    return new FetchError(
      `${label}: the server's certificate is not valid for it (${error.code}); check the address and the clock`,
      { code: 'NETWORK' },
    );
  }
  return new FetchError(
    `${label}: the connection failed (${error.code}); check the address and the network, and run the same command again`,
    { code: 'NETWORK', retryable: true },
  );
}

/** Codes of OpenSSL's certificate checks as Node names them, and of the check of the host's name. */
function isCertificateError(code: string): boolean {
  return /^(?:ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA)/.test(code);
}

function ignoreLateError(): void {
  // Whoever reads the stream gets it.
}
