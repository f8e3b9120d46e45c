import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

import type { Got, Request, Response } from 'got';

import { classifyNetworkError, connectTimeout } from './network-failure.ts';
import type { NetworkFailure, RequestTimeouts } from './network-failure.ts';

/** Of a body that is not data only the beginning is read, for a message. */
const maxRefusalBytes = 16_384;

const cancelled: NetworkFailure = { outcome: 'cancelled', reason: 'stopped on request' };

export interface RequestOptions {
  /** Made by `got.extend`, with the deadlines for the head and for everything. */
  readonly client: Got;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent by POST. @default nothing is sent, by GET */
  readonly body?: string | undefined;
  readonly timeouts: RequestTimeouts;
  /** Cap on the body of a success, in bytes as they come. */
  readonly maxWireBytes: number;
  readonly signal: AbortSignal;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** What came of one HTTP request: a whole response, a part of one, or none. */
export interface HttpResponse {
  /** Whether it was begun at all; not where the signal was aborted by then. */
  readonly isSent: boolean;
  readonly head: ResponseHead | undefined;
  /** As it was sent; of a failure whatever came. */
  readonly body: Buffer;
  readonly wireBytes: number;
  /** Why the body is not whole, or the head not there. */
  readonly failure: NetworkFailure | undefined;
  readonly durationMs: number;
}

/**
 * Sends one request, follows nothing, tries nothing again, and reads the body up to its cap. Leaves
 * nothing behind: the connection is free, or closed.
 *
 * Fails only with what is a mistake of this program.
 */
export async function sendRequest(options: RequestOptions): Promise<HttpResponse> {
  const startedAt = performance.now();
  const received = new ReceivedResponse(options.maxWireBytes);
  const isSent = !options.signal.aborted;
  const failure = isSent ? await receive(options, received) : cancelled;
  const { head, body, wireBytes } = received;
  return { isSent, head, body, wireBytes, failure, durationMs: performance.now() - startedAt };
}

/** Resolves with why the response is not whole, or with nothing when it is. */
async function receive(
  { client, url, headers, body, timeouts, signal }: RequestOptions,
  received: ReceivedResponse,
): Promise<NetworkFailure | undefined> {
  return new Promise((resolve, reject) => {
    const stream = client.stream(url, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    const stop = (failure: NetworkFailure) => {
      resolve(failure);
      stream.destroy();
    };
    const stopIfTooLarge = () => {
      if (received.isTooLarge) {
        stop({ outcome: 'too_large', reason: `the body has more than ${received.maxBytes} bytes` });
      }
    };
    const cancel = () => {
      stop(cancelled);
    };
    signal.addEventListener('abort', cancel, { once: true });
    const clearConnectTimer = limitConnecting(stream, timeouts.connectMs, () => {
      stop(connectTimeout(timeouts));
    });
    // Of a reset in the body got says only that the body is too short; this comes before it.
    stream.once('request', (request: ClientRequest) => {
      request.on('error', (error) => {
        received.isReset ||= 'syscall' in error;
      });
    });
    stream.once('response', ({ statusCode: status, headers: heads }: Response) => {
      received.begin({ status, headers: heads });
      stopIfTooLarge();
    });
    stream.on('data', (chunk: Buffer) => {
      received.add(chunk);
      stopIfTooLarge();
    });
    stream.once('end', () => {
      resolve(undefined);
    });
    // Stays after the first one: an error that comes when nobody reads any more must not end the process.
    stream.on('error', (error) => {
      const failure = classifyNetworkError(error, {
        timeouts,
        hasHead: received.head !== undefined,
        isReset: received.isReset,
      });
      if (failure === undefined) {
        reject(error);
      } else {
        resolve(failure);
      }
    });
    stream.once('close', () => {
      clearConnectTimer();
      signal.removeEventListener('abort', cancel);
      resolve({ outcome: 'truncated', reason: 'the response was closed early' });
    });
  });
}

/** What has come of a response, which is kept up to a cap. */
class ReceivedResponse {
  head: ResponseHead | undefined;
  wireBytes = 0;
  /** Whether a call on the socket failed, which a connection that is closed too early does not. */
  isReset = false;
  maxBytes: number;
  #announcedBytes = 0;
  readonly #chunks: Buffer[] = [];

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  begin(head: ResponseHead): void {
    this.head = head;
    // Of a 304 it is the length of the body that is not sent.
    this.#announcedBytes = head.status === 304 ? 0 : Number(head.headers['content-length'] ?? 0);
    if (head.status >= 300) {
      this.maxBytes = Math.min(this.maxBytes, maxRefusalBytes);
    }
  }

  add(chunk: Buffer): void {
    this.wireBytes += chunk.length;
    if (!this.isTooLarge) {
      this.#chunks.push(chunk);
    }
  }

  get isTooLarge(): boolean {
    return this.wireBytes > this.maxBytes || this.#announcedBytes > this.maxBytes;
  }

  get body(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }
}

/**
 * One deadline for name, connection and handshake, each of which got would give its own. It begins with the
 * socket: waiting for a free one is no fault of the service.
 */
function limitConnecting(stream: Request, connectMs: number, onTimeout: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const clear = () => {
    clearTimeout(timer);
  };
  stream.once('request', (request: ClientRequest) => {
    request.once('socket', (socket: Socket) => {
      if (socket.connecting) {
        timer = setTimeout(onTimeout, connectMs);
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', clear);
      }
    });
  });
  return clear;
}
