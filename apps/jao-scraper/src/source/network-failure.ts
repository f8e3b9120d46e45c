import { RequestError, TimeoutError } from 'got';

import type { FailedOutcome } from './source-answer.ts';

export interface RequestTimeouts {
  /** For the connection, from the look-up of the name to the end of the TLS handshake. */
  readonly connectMs: number;
  /** From the request's last byte to the response's first. */
  readonly headersMs: number;
  /** From the start to the last byte of the body: what stops a body that drips. */
  readonly responseMs: number;
}

/** Why no whole response came, with a phrase for a message in which nothing is the server's words. */
export interface NetworkFailure {
  readonly outcome: FailedOutcome;
  readonly reason: string;
}

const unreachable =
  /^(?:ECONNREFUSED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EMFILE|ENFILE)$/;
const unresolved = /^(?:ENOTFOUND|ENODATA|EAI_[A-Z]+)$/;
/** OpenSSL's checks as Node names them, the check of the host's name, and what is no TLS at all. */
const untrusted =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|ERROR_IN_|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

/** How far a request had come when it failed. */
export interface RequestProgress {
  readonly timeouts: RequestTimeouts;
  readonly hasHead: boolean;
  /** Whether a call on the socket failed. */
  readonly isReset: boolean;
}

export function connectTimeout({ connectMs }: RequestTimeouts): NetworkFailure {
  return { outcome: 'connect_timeout', reason: `no connection within ${connectMs} ms` };
}

/** Of what got's stream fails with; anything else is a mistake of this program, and `undefined`. */
export function classifyNetworkError(
  error: unknown,
  { timeouts, hasHead, isReset }: RequestProgress,
): NetworkFailure | undefined {
  if (!(error instanceof RequestError)) {
    return undefined;
  }
  if (error instanceof TimeoutError) {
    return error.event === 'response'
      ? { outcome: 'headers_timeout', reason: `no response within ${timeouts.headersMs} ms` }
      : {
          outcome: 'total_timeout',
          reason: `the response was not whole within ${timeouts.responseMs} ms`,
        };
  }
  const { code } = error;
  if (unresolved.test(code)) {
    return { outcome: 'dns', reason: `the host's name was not resolved (${code})` };
  }
  if (untrusted.test(code)) {
    return { outcome: 'tls', reason: `the connection is not to be trusted (${code})` };
  }
  const isConnecting = systemCall(error) === 'connect';
  if (unreachable.test(code) || isConnecting) {
    return code === 'ETIMEDOUT'
      ? { outcome: 'connect_timeout', reason: 'no connection (ETIMEDOUT)' }
      : { outcome: 'connect', reason: `the connection was refused or had no way (${code})` };
  }
  return hasHead ? classifyBodyError(code, isReset) : classifyHeadError(code);
}

function classifyHeadError(code: string): NetworkFailure {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { outcome: 'too_large', reason: `the response's head is too large (${code})` };
  }
  if (code.startsWith('HPE_')) {
    return { outcome: 'not_json', reason: `the response is no HTTP (${code})` };
  }
  return { outcome: 'reset', reason: `the connection ended before a response came (${code})` };
}

function classifyBodyError(code: string, isReset: boolean): NetworkFailure {
  return isReset
    ? { outcome: 'reset', reason: `the connection broke in the body (${code})` }
    : { outcome: 'truncated', reason: `the body ended early (${code})` };
}

function systemCall(error: RequestError): string | undefined {
  const { cause } = error;
  return cause instanceof Error && 'syscall' in cause && typeof cause.syscall === 'string'
    ? cause.syscall
    : undefined;
}
