import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import {
  createServer as createRawServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

import { onTestFinished } from 'vitest';

export interface LocalServer {
  readonly origin: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly IncomingMessage[];
  /** Connections so far. */
  readonly connections: readonly Socket[];
}

/** A real HTTP server on loopback that ends with the test. */
export async function startHttpServer(handler: RequestListener): Promise<LocalServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  return { ...(await listen(server)), requests };
}

/** A server that writes what it likes: `onRequest` runs at the first bytes of each connection. */
export async function startRawServer(
  onRequest: (socket: Socket) => void,
): Promise<Omit<LocalServer, 'requests'>> {
  const server = createRawServer((socket) => {
    socket.once('data', () => {
      onRequest(socket);
    });
  });
  return listen(server);
}

/** A port where nobody listens, though somebody did. */
export async function findClosedPort(): Promise<number> {
  const server = createRawServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export async function listen(server: Server): Promise<Omit<LocalServer, 'requests'>> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    connections.push(socket);
    // What a test does to a connection makes errors here, which are its subject on the other side.
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of connections) {
      socket.destroy();
    }
    server.close();
    await once(server, 'close');
  });
  return { origin: `http://127.0.0.1:${portOf(server)}`, connections };
}

/** Waits until the other side has closed a connection, in whatever way. */
export async function closed(socket: Socket | undefined): Promise<void> {
  if (socket?.destroyed === false) {
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
  }
}

function portOf(server: Server): number {
  // A server that listens on a port has this kind of address.
  return (server.address() as AddressInfo).port;
}
