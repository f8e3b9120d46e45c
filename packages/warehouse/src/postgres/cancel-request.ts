import type { PoolClient } from 'pg';
import { connect } from 'node:net';
import { z } from 'zod';

/** Of the protocol: it stands where the version does in what begins a session. */
const cancelRequestCode = 80_877_102;
const packetBytes = 16;
/** Nothing is answered: the server takes the request, and closes the connection. */
const giveUpMs = 2_000;

/** What a client knows of its server once it is connected; its types leave out the last two. */
const backendSchema = z.object({
  host: z.string(),
  port: z.int(),
  processID: z.int(),
  secretKey: z.int(),
});

/**
 * Asks the server, on a connection of its own, to cancel what runs for a client: a server does not see
 * that a client has gone before it has something to say. Whether it did is not told.
 */
export function requestCancel(client: PoolClient): void {
  const backend = backendSchema.safeParse(client);
  if (!backend.success) {
    return;
  }
  const { host, port, processID, secretKey } = backend.data;
  const packet = Buffer.alloc(packetBytes);
  packet.writeInt32BE(packetBytes, 0);
  packet.writeInt32BE(cancelRequestCode, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secretKey, 12);
  const socket = host.startsWith('/')
    ? connect(`${host}/.s.PGSQL.${String(port)}`)
    : connect(port, host);
  socket.unref();
  socket.setTimeout(giveUpMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('connect', () => socket.end(packet));
}
