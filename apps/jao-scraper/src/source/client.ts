import { Agent as HttpAgent, validateHeaderValue } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import got from 'got';
import type { Got } from 'got';

import type { RequestTimeouts } from './network-failure.ts';

/** More than the pace of the service lets be out at once. */
const maxConnections = 64;

export interface ClientOptions {
  readonly origin: string;
  readonly timeouts: RequestTimeouts;
  /** Sent as it is: the program, its version and who answers for it. */
  readonly userAgent: string;
  /** Sent as `Authorization: Bearer …`, and shown nowhere. */
  readonly bearer?: string | undefined;
  /**
   * Makes the connections, of `node:https` for an https origin, for instance with a certificate authority of its own, and is the caller's to
   * destroy. @default one that keeps up to 64 connections alive, and trusts whom Node.js trusts
   */
  readonly agent?: HttpAgent | undefined;
}

export interface Client {
  readonly got: Got;
  /** The origin in its one form: `https://host` or `https://host:port`. */
  readonly origin: string;
  /** Closes the connections that are its own. */
  readonly close: () => void;
}

/**
 * A client for one origin that does nothing by itself: no retry, no redirect, no decompression, no proxy
 * from the environment, no cookies.
 *
 * @throws {TypeError} the origin is none, or a header cannot be sent.
 * @throws {RangeError} a deadline is no positive number.
 */
export function createClient({
  origin,
  timeouts,
  userAgent,
  bearer,
  agent,
}: ClientOptions): Client {
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new TypeError('origin: expected one such as https://host:port, without path and user');
  }
  checkPositive('connectMs', timeouts.connectMs);
  checkPositive('headersMs', timeouts.headersMs);
  checkPositive('responseMs', timeouts.responseMs);
  const used = agent ?? createAgent(url.protocol);
  if (url.protocol === 'https:' && !(used instanceof HttpsAgent)) {
    throw new TypeError('agent: expected one of node:https for an https origin');
  }
  return {
    got: got.extend({
      agent: used instanceof HttpsAgent ? { https: used } : { http: used },
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'user-agent': headerValue('userAgent', userAgent),
        ...(bearer === undefined ? {} : { authorization: authorization(bearer) }),
      },
      // The wire bytes are counted, and decompressed under a cap, which got has none of.
      decompress: false,
      followRedirect: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
      timeout: { response: timeouts.headersMs, request: timeouts.responseMs },
    }),
    origin: url.origin,
    close: () => {
      if (agent === undefined) {
        used.destroy();
      }
    },
  };
}

/**
 * Headers that ask for a body only if it is another one than that of the validators.
 *
 * @throws {TypeError} a validator that no server can have sent.
 */
export function validatorHeaders({
  etag,
  lastModified,
}: {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': headerValue('etag', etag) }),
    ...(lastModified === undefined
      ? {}
      : { 'if-modified-since': headerValue('lastModified', lastModified) }),
  };
}

/** @throws {RangeError} */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0)) {
    throw new RangeError(`${name}: expected more than 0, received ${value}`);
  }
}

function createAgent(protocol: string): HttpAgent {
  const options = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: 8 };
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

/** Without the value, which may be a secret. */
function headerValue(name: string, value: string): string {
  try {
    validateHeaderValue(name, value);
  } catch {
    throw new TypeError(
      `${name}: expected what an HTTP header can hold, received other characters`,
    );
  }
  return value;
}

function authorization(bearer: string): string {
  if (!/^[\x21-\x7e]+$/.test(bearer)) {
    throw new TypeError('bearer: expected printable ASCII without blanks, received something else');
  }
  return `Bearer ${bearer}`;
}
