import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What came over a socket, byte by byte as the server sent it. */
export interface RawAnswer {
  readonly head: string;
  /** Behind the first empty line, chunk sizes and all. */
  readonly body: Buffer;
  readonly end: 'closed' | 'reset';
}

/** An open connection that has sent one request. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything so far. */
  received: () => Buffer;
  /** Waits until as many bytes, or this text, have come. */
  receives: (awaited: number | string) => Promise<void>;
  /** Waits for the end. */
  ends: () => Promise<RawAnswer>;
}

/** Sends a GET over a socket of its own and reads nothing into what comes back. */
export function openRaw(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): RawConnection {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const fields = Object.entries({ Host: `${hostname}:${port}`, ...headers });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let received = Buffer.alloc(0);
  let end: RawAnswer['end'] | undefined;
  socket.on('data', (bytes: Buffer) => (received = Buffer.concat([received, bytes])));
  socket.on('error', () => (end = 'reset'));
  socket.on('end', () => (end ??= 'closed'));
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines}\r\n`);
  return {
    socket,
    received: () => received,
    receives: async (awaited) => {
      const isThere = () =>
        typeof awaited === 'number' ? received.length >= awaited : received.includes(awaited);
      while (!isThere()) await once(socket, 'data');
    },
    ends: async () => {
      // Not once(): that one rejects on an error, which here is an outcome.
      await new Promise<void>((resolve) => {
        if (socket.closed) resolve();
        else
          socket.once('close', () => {
            resolve();
          });
      });
      const at = received.indexOf('\r\n\r\n');
      return {
        head: at === -1 ? received.toString() : received.subarray(0, at).toString(),
        body: at === -1 ? Buffer.alloc(0) : received.subarray(at + 4),
        end: end ?? 'closed',
      };
    },
  };
}

/** The whole exchange, over a connection that the server closes after it. */
export async function askRaw(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  return openRaw(url, { Connection: 'close', ...headers }).ends();
}
