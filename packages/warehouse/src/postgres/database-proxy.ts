import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import { embeddedHost } from './embedded/listen-address.ts';

/**
 * What becomes of a piece that a client sends: `lose` it without a word, `cut_before` loses it with its
 * connection, `cut_after` lets it be done, and nobody is told.
 */
export type PieceFate = 'pass' | 'lose' | 'cut_before' | 'cut_after';

/**
 * Stands between a client and Postgres, and does what networks do: it decides at each piece that the
 * client sends, which is a statement or a part of one, what becomes of it.
 */
export class DatabaseProxy {
  /** Decides; called once for each piece, in their order. */
  decide: (piece: Buffer) => PieceFate = () => 'pass';
  /** Called when a piece was answered whose fate is `cut_after`. */
  onDone: () => void = () => undefined;
  /** Hears all that Postgres says. */
  onAnswer: (answer: Buffer) => void = () => undefined;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    // A server that listens on a port, and not on a pipe, has such an address.
    this.#port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => {
      this.#pass(client, targetPort);
    });
  }

  /** Starts one before the server of a URL of this machine. */
  static async start(url: string): Promise<DatabaseProxy> {
    const server = createServer();
    server.listen(0, embeddedHost);
    await once(server, 'listening');
    return new DatabaseProxy(server, Number(new URL(url).port));
  }

  /** The URL that leads through it; where it was stopped, to nobody. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.port = String(this.#port);
    return through.href;
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
    const target = connect(targetPort, embeddedHost);
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
      this.onAnswer(answer);
      if (isCutWhenAnswered) {
        // There is an answer, so the piece is done.
        this.onDone();
        client.resetAndDestroy();
      } else if (!client.destroyed) {
        client.write(answer);
      }
    });
  }
}
