import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import type { Fault } from './fault.ts';
import { sendFlood } from './flood.ts';
import type { PlannedAnswer } from './planned-answer.ts';

const excessBytes = 100;

/**
 * Sends an answer that breaks on the wire: late, cut, endless, or of another length than it says.
 *
 * Returns the status that was sent, if one was.
 */
export function sendWireFault(exchange: {
  readonly fault: Fault;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The true answer, uncompressed. */
  readonly truth: PlannedAnswer;
}): number | undefined {
  const { fault, request, response, truth } = exchange;
  const { socket } = request;
  const { status, headers, body } = truth;
  const head = (length?: number) => {
    response.writeHead(status, {
      ...headers,
      ...(length === undefined ? {} : { 'content-length': String(length) }),
    });
    response.flushHeaders();
  };
  const half = body.subarray(0, Math.max(1, Math.floor(body.length / 2)));
  switch (fault.kind) {
    case 'hang':
      return undefined;
    case 'close_before_headers':
      socket.end();
      return undefined;
    case 'reset_before_headers':
      reset(socket);
      return undefined;
    case 'headers_then_nothing':
      head(body.length);
      return status;
    case 'close_before_body':
      head(body.length);
      endSoon(() => socket.end());
      return status;
    case 'drip':
      head(body.length);
      drip(response, body, fault.intervalMs ?? 100);
      return status;
    case 'truncated_content_length':
      head(body.length);
      response.write(half, () => socket.end());
      return status;
    case 'truncated_chunked':
      head();
      response.write(half, () => socket.end());
      return status;
    case 'reset_in_body':
      head(body.length);
      response.write(half, () => {
        endSoon(() => {
          reset(socket);
        });
      });
      return status;
    case 'content_length_too_short':
      head(Math.max(0, body.length - excessBytes));
      response.write(body, () => socket.end());
      return status;
    case 'content_length_too_long':
      head(body.length + excessBytes);
      response.write(body);
      return status;
    case 'gzip_bomb':
    case 'huge_body':
      sendFlood(response, fault);
      return 200;
    default:
      throw new Error(`send fault ${fault.kind}: nobody sends it`);
  }
}

/** Under TLS there is no handle to reset by: the connection is dropped without a farewell. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** After what was written has gone out: the client is to see it. */
function endSoon(end: () => void): void {
  setImmediate(end);
}

function drip(response: ServerResponse, body: Buffer, intervalMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at < body.length) {
      response.write(body.subarray(at, at + 1));
      at += 1;
    } else {
      clearInterval(timer);
      response.end();
    }
  }, intervalMs);
  response.once('close', () => {
    clearInterval(timer);
  });
}
