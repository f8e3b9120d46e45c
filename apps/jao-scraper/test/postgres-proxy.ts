import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** A COMMIT that gets lost: the next one of a transaction that has sent `marker`. */
export interface CommitFault {
  readonly marker: string;
  /** Before it arrives, so that nothing is done; or after, so that nobody is told. */
  readonly when: 'before' | 'after';
}

/** Stands between a client and Postgres: hears what Postgres says, and may lose a COMMIT. */
export class PostgresProxy {
  /** Undefined again once it has struck. */
  fault: CommitFault | undefined;
  /** All that Postgres has said so far. */
  heard = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number): Promise<PostgresProxy> {
    const server = createServer();
    const proxy = new PostgresProxy(server);
    server.on('connection', (client) => {
      proxy.#pass(client, targetPort);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The same database, through the proxy. */
  urlOf(url: string): string {
    const address = this.#server.address();
    const through = new URL(url);
    through.port = String(typeof address === 'object' ? address?.port : address);
    return through.href;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await once(this.#server, 'close');
  }

  #pass(client: Socket, targetPort: number): void {
    const target = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    let isMarked = false;
    let isCutNext = false;
    client.on('data', (bytes) => {
      isMarked ||= this.fault !== undefined && bytes.includes(this.fault.marker);
      const isStruck = isMarked && bytes.includes('commit\0');
      if (isStruck && this.fault?.when === 'before') {
        this.fault = undefined;
        client.resetAndDestroy();
        return;
      }
      isCutNext = isStruck;
      target.write(bytes);
    });
    target.on('data', (bytes) => {
      this.heard += bytes.toString('latin1');
      if (isCutNext) {
        // There is an answer, so the commit is done.
        this.fault = undefined;
        client.resetAndDestroy();
      } else if (!client.destroyed) {
        client.write(bytes);
      }
    });
  }
}
