import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

export interface FileServer {
  readonly origin: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly IncomingMessage[];
  readonly url: (pathAndQuery: string) => URL;
  /** Breaks every connection, as a crash of the server does. */
  readonly cutConnections: () => void;
}

/** A real HTTP server on loopback that ends with the test. */
export async function startFileServer(handler: RequestListener): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    requests,
    url: (pathAndQuery) => new URL(pathAndQuery, origin),
    cutConnections: () => {
      server.closeAllConnections();
    },
  };
}

export interface ServedVersion {
  readonly content: Buffer;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Answers as a good file server does: ranges, and If-Range by strong comparison. */
export function serveFile(getVersion: () => ServedVersion): RequestListener {
  return (request, response) => {
    const { content, etag, lastModified } = getVersion();
    const validators = {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
    };
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
    const ifRange = request.headers['if-range'];
    const isSame = ifRange === undefined || ifRange === etag || ifRange === lastModified;
    if (Number.isNaN(start) || !isSame) {
      response.writeHead(200, { ...validators, 'content-length': content.length }).end(content);
    } else if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    } else {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      response
        .writeHead(206, { ...validators, 'content-range': range })
        .end(content.subarray(start));
    }
  };
}

/** Announces all of the version, sends its first `bytes`, and leaves the connection open. */
export function serveBeginning(getVersion: () => ServedVersion, bytes: number): RequestListener {
  return (_request, response) => {
    const { content, etag, lastModified } = getVersion();
    response.writeHead(200, {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
      'content-length': content.length,
    });
    response.write(content.subarray(0, bytes));
  };
}

/** The first handler for the first request, and so on; the last one for all that follow. */
export function inTurn(...handlers: readonly [RequestListener, ...RequestListener[]]) {
  let turn = 0;
  const handler: RequestListener = (request, response) => {
    (handlers[turn] ?? handlers[0])(request, response);
    turn = Math.min(turn + 1, handlers.length - 1);
  };
  return handler;
}
