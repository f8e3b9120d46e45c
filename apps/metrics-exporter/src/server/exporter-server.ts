import { CommandError } from '@sluice/command-line';
import { chooseFormat, contentTypes } from '@sluice/metrics';
import { exitCodes } from '@sluice/schemas';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';

import { scrapeTimeoutMs } from '../gather/scrape-timeout.ts';
import type { Scraper } from '../gather/scraper.ts';
import { appVersion } from '../version.ts';
import { BasicAuth } from '../web-config/basic-auth.ts';
import { comparePasswordsAside } from '../web-config/compare-passwords.ts';
import type { WebConfig } from '../web-config/web-config.ts';
import { landingPage } from './landing-page.ts';

/** They tell nothing, and the probes that ask for them have neither password nor certificate. */
const openPages: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz']);
/** Of what is wrong with an address and not with its port, as Node names it. */
const hostErrors: ReadonlySet<unknown> = new Set([
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EAI_AGAIN',
  'EINVAL',
  'ENOTFOUND',
]);

/** How the exporter serves. */
export interface ServerOptionsOfExporter {
  readonly host: string;
  readonly port: number;
  /** More scrapes at once are told to come again. */
  readonly maxScrapes: number;
  /** Is told of each answer that failed (500), and of which page. */
  readonly onFailure: (page: string, error: string) => void;
}

/** A server that runs. */
export interface ExporterServer {
  readonly url: string;
  /**
   * Takes another web configuration over.
   *
   * @throws {CommandError} where it would switch TLS on or off, or change what is asked of clients' certificates;
   * the one before stays.
   */
  readonly configure: (web: WebConfig) => void;
  /** Answers what it has begun, and ends. */
  readonly close: () => Promise<void>;
}

/**
 * Serves `GET /`, `/metrics`, `/livez` and `/readyz`.
 *
 * @throws {CommandError} where it can not listen there.
 */
export async function startExporterServer(
  options: ServerOptionsOfExporter,
  scraper: Scraper,
  first: WebConfig,
): Promise<ExporterServer> {
  let web = first;
  const passwords = comparePasswordsAside();
  let auth = new BasicAuth(web.basic_auth_users, passwords.compare);
  const server: FastifyInstance =
    web.tls === undefined ? fastify() : fastify({ https: tlsOptions(web) });
  server.addHook('onError', async (request, _, error) => {
    if ((error.statusCode ?? 500) >= 500) {
      options.onFailure(request.routeOptions.url ?? 'a page that there is not', error.message);
    }
  });
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(web.http_server_config.headers);
    if (openPages.has(request.routeOptions.url)) {
      return undefined;
    }
    if (!isAllowedCertificate(web, request)) {
      return reply.code(403).type('text/plain').send('no client certificate that is allowed\n');
    }
    const verdict = await auth.judge(request.headers.authorization);
    if (verdict === 'too-many') {
      return comeAgain(reply, 'too many passwords are being compared already');
    }
    if (verdict === 'refused') {
      return reply
        .code(401)
        .header('WWW-Authenticate', 'Basic realm="sluice"')
        .type('text/plain')
        .send('who are you?\n');
    }
    return undefined;
  });
  serveMetrics(server, options, scraper);
  server.get('/', (_, reply) =>
    reply.type('text/html; charset=utf-8').send(landingPage(appVersion, scraper.states)),
  );
  server.get('/livez', (_, reply) => reply.type('text/plain').send('ok\n'));
  // Not tied to the database: whoever is not ready is not scraped, when it matters most.
  server.get('/readyz', (_, reply) => reply.type('text/plain').send('ok\n'));
  const url = await listen(server, options);
  return {
    url,
    configure: (next) => {
      refuseRestartOnly(first, next);
      if (next.tls !== undefined) {
        (server.server as unknown as HttpsServer).setSecureContext(tlsOptions(next));
      }
      web = next;
      auth = new BasicAuth(next.basic_auth_users, passwords.compare);
    },
    close: async () => {
      await server.close();
      await passwords.close();
    },
  };
}

/** What a server that listens does not take over: of a new context it takes the certificates, and nothing else. */
function refuseRestartOnly(first: WebConfig, next: WebConfig): void {
  if ((next.tls === undefined) !== (first.tls === undefined)) {
    throw new CommandError('TLS is switched on and off by a restart only');
  }
  if (next.tls_server_config?.client_auth_type !== first.tls_server_config?.client_auth_type) {
    throw new CommandError('tls_server_config.client_auth_type is changed by a restart only');
  }
}

function serveMetrics(
  server: FastifyInstance,
  { maxScrapes }: ServerOptionsOfExporter,
  scraper: Scraper,
): void {
  let scrapes = 0;
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const format = chooseFormat(request.headers.accept);
    const isCompressed = acceptsGzip(request.headers['accept-encoding']);
    const timeoutHeader = request.headers['x-prometheus-scrape-timeout-seconds'];
    const body = await scraper.scrape({
      format,
      isCompressed,
      timeoutMs: scrapeTimeoutMs(typeof timeoutHeader === 'string' ? timeoutHeader : undefined),
    });
    void reply.type(contentTypes[format]).header('Vary', 'Accept, Accept-Encoding');
    return (isCompressed ? reply.header('Content-Encoding', 'gzip') : reply).send(body);
  };
  server.get('/metrics', async (request, reply) => {
    if (scrapes >= maxScrapes) {
      return comeAgain(reply, `${String(maxScrapes)} scrapes are being answered already`);
    }
    scrapes += 1;
    try {
      return await answer(request, reply);
    } finally {
      scrapes -= 1;
    }
  });
}

function comeAgain(reply: FastifyReply, why: string): FastifyReply {
  return reply.code(503).header('Retry-After', '1').type('text/plain').send(`${why}\n`);
}

async function listen(
  server: FastifyInstance,
  { host, port }: ServerOptionsOfExporter,
): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    const what = cause instanceof Error ? cause.message : String(cause);
    const isHost = cause instanceof Error && 'code' in cause && hostErrors.has(cause.code);
    const another = isHost ? '--host or METRICS_HOST' : '--port or METRICS_PORT';
    throw new CommandError(
      `--host ${host} --port ${String(port)}: ${what}; choose another with ${another}`,
      { exitCode: exitCodes.usage, cause },
    );
  }
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part));
}

function tlsOptions({ tls, tls_server_config: settings }: WebConfig): ServerOptions {
  return {
    cert: tls?.cert,
    key: tls?.key,
    ca: tls?.clientCa,
    minVersion: settings?.min_version,
    maxVersion: settings?.max_version,
    requestCert: settings?.client_auth_type !== 'NoClientCert',
    rejectUnauthorized: settings?.client_auth_type === 'RequireAndVerifyClientCert',
  };
}

/** What the handshake has not settled: certificates that are only asked for, or judged if there is one. */
function isAllowedCertificate(
  { tls_server_config: tls }: WebConfig,
  request: FastifyRequest,
): boolean {
  if (tls === undefined || tls.client_auth_type === 'NoClientCert') {
    return true;
  }
  const { socket } = request.raw;
  if (!(socket instanceof TLSSocket)) {
    return false;
  }
  const certificate = socket.getPeerCertificate();
  const isGiven = Object.keys(certificate).length > 0;
  if (!isGiven) {
    return (
      tls.client_auth_type === 'RequestClientCert' ||
      tls.client_auth_type === 'VerifyClientCertIfGiven'
    );
  }
  if (tls.client_auth_type.includes('Verify') && !socket.authorized) {
    return false;
  }
  const names = (certificate.subjectaltname ?? '')
    .split(',')
    .map((name) => name.trim().replace(/^[A-Za-z ]+:/, ''));
  return (
    tls.client_allowed_sans.length === 0 ||
    tls.client_allowed_sans.some((allowed) => names.includes(allowed))
  );
}
