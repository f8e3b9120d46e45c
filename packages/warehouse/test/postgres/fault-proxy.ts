import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** What a proxy does with the bytes that a client sends. */
export type ProxyFault =
  /** Passes them on. */
  | 'none'
  /** Cuts the connection when it has passed on a COMMIT: done, and nobody is told. */
  | 'cut_after_commit'
  /** Cuts the connection instead of passing a COMMIT on. */
  | 'cut_before_commit'
  /** Takes all and gives nothing back, as a network that is gone. */
  | 'black_hole';

/** Stands between a client and Postgres, and does what networks do. */
export class FaultProxy {
  fault: ProxyFault = 'none';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server);
    server.on('connection', (client) => {
      proxy.#pass(client, targetPort);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resets every connection there is. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.resetAndDestroy();
    }
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #pass(client: Socket, targetPort: number): void {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        (socket === client ? target : client).destroy();
      });
    }
    let isCommitting = false;
    client.on('data', (bytes) => {
      if (this.fault === 'black_hole') {
        return;
      }
      const isCommit = bytes.includes('commit');
      if (isCommit && this.fault === 'cut_before_commit') {
        client.resetAndDestroy();
        return;
      }
      isCommitting ||= isCommit;
      target.write(bytes);
    });
    target.on('data', (bytes) => {
      if (isCommitting && this.fault === 'cut_after_commit') {
        // The answer is there, so the commit is done.
        client.resetAndDestroy();
      } else if (this.fault !== 'black_hole' && !client.destroyed) {
        client.write(bytes);
      }
    });
  }
}
