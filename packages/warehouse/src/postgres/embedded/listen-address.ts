import { createServer } from 'node:net';

/** Where an embedded server listens, and nowhere else. */
export const embeddedHost = '127.0.0.1';

/** A port on which nobody listens; undefined where the wanted one is taken. */
export async function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolvePort) => {
    const probe = createServer();
    probe.once('error', () => {
      resolvePort(undefined);
    });
    probe.listen({ port: wanted, host: embeddedHost, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => {
        resolvePort(typeof address === 'object' && address !== null ? address.port : undefined);
      });
    });
  });
}
