import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * What becomes of a piece that a client sends: `lose` it without a word, `cut_before` loses it with its
 * connection, `cut_after` lets it be done, and nobody is told.
 */
export type PieceFate = 'pass' | 'lose' | 'cut_before' | 'cut_after';

/**
 * Stands between the app and Postgres, and decides at each piece that the app sends, which is a
 * statement or a part of one, what becomes of it.
 */
export class DatabaseProxy {
  /** Decides; called once for each piece, in their order. */
  decide: (piece: Buffer) => PieceFate = () => 'pass';
  /** Called when a piece was answered whose fate is `cut_after`. */
  onDone: () => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one before the server of a URL. */
  static async start(url: string): Promise<DatabaseProxy> {
    const server = createServer();
    const proxy = new DatabaseProxy(server);
    const targetPort = Number(new URL(url).port);
    server.on('connection', (client) => {
      proxy.#pass(client, targetPort);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The URL that leads through it. */
  urlOf(url: string): string {
    const through = new URL(url);
    const address = this.#server.address();
    through.port = String(typeof address === 'object' && address !== null ? address.port : 0);
    return through.href;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.resetAndDestroy();
    }
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
    let isCutWhenAnswered = false;
    client.on('data', (piece) => {
      const fate = this.decide(piece);
      if (fate === 'cut_before') {
        client.resetAndDestroy();
        return;
      }
      if (fate === 'lose') {
        return;
      }
      isCutWhenAnswered ||= fate === 'cut_after';
      target.write(piece);
    });
    target.on('data', (answer) => {
      if (isCutWhenAnswered) {
        this.onDone();
        client.resetAndDestroy();
      } else if (!client.destroyed) {
        client.write(answer);
      }
    });
  }
}
