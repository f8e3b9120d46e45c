import { CommandError } from '@sluice/command-line';
import { chooseFormat, contentTypes, readRegistry, renderFamilies } from '@sluice/metrics';
import type { Registry } from '@sluice/metrics';
import { exitCodes } from '@sluice/schemas';
import fastify from 'fastify';

/** What a probe asks about. */
export interface Health {
  /** Whether the process does what it is for; a `false` is worth a restart. */
  readonly isAlive: () => boolean;
  /** Whether it has begun, and reaches its database. */
  readonly isReady: () => boolean;
}

/** An address to listen at. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A server that runs. */
export interface HealthServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves `GET /livez`, `/readyz` and `/metrics` of this process.
 *
 * @throws {CommandError} where it can not listen there.
 */
export async function startHealthServer(
  address: ListenAddress,
  registry: Registry,
  health: Health,
): Promise<HealthServer> {
  const server = fastify({ forceCloseConnections: true });
  const probe = (path: string, isWell: () => boolean): void => {
    server.get(path, async (_, reply) =>
      isWell()
        ? reply.type('text/plain').send('ok\n')
        : reply.code(503).type('text/plain').send('not ok\n'),
    );
  };
  probe('/livez', health.isAlive);
  probe('/readyz', health.isReady);
  server.get('/metrics', async (request, reply) => {
    const format = chooseFormat(request.headers.accept);
    const text = renderFamilies(await readRegistry(registry), format);
    return reply.type(contentTypes[format]).send(text);
  });
  try {
    const url = await server.listen(address);
    return { url, close: () => server.close() };
  } catch (cause) {
    await server.close();
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `--listen ${address.host}:${String(address.port)}: ${what}; choose another with --listen or JAO_LISTEN`,
      { exitCode: exitCodes.usage, cause },
    );
  }
}
