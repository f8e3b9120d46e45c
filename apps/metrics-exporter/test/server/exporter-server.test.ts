import { createCertificate } from '@sluice/jao-simulator';
import type { MetricFamily } from '@sluice/metrics';
import { readExposition } from '@sluice/metrics/testing';
import { hash } from 'bcryptjs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Collector } from '../../src/gather/collector.ts';
import { Scraper } from '../../src/gather/scraper.ts';
import { startExporterServer } from '../../src/server/exporter-server.ts';
import type { ExporterServer } from '../../src/server/exporter-server.ts';
import { openWebConfig, readWebConfig } from '../../src/web-config/web-config.ts';

let folder: string;
let server: ExporterServer | undefined;
const failures: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-exporter-'));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  failures.length = 0;
  await rm(folder, { recursive: true });
});

const rows: MetricFamily = {
  name: 'sluice_rows_total',
  help: 'Rows.',
  kind: 'counter',
  samples: [{ labels: { key: 'a "b"\nc' }, value: 3 }],
};
const steady: Collector = { name: 'steady', collect: () => Promise.resolve([rows]) };

async function start(
  collectors: readonly Collector[],
  web = openWebConfig,
  maxScrapes = 40,
): Promise<string> {
  const scraper = new Scraper(collectors, { onFailure: () => undefined });
  server = await startExporterServer(
    {
      host: '127.0.0.1',
      port: 0,
      maxScrapes,
      onFailure: (page, error) => {
        failures.push(`${page}: ${error}`);
      },
    },
    scraper,
    web,
  );
  return server.url;
}

async function writeWebConfig(yaml: string) {
  const path = join(folder, 'web.yml');
  await writeFile(path, yaml);
  return readWebConfig(path);
}

describe('/metrics', () => {
  test('is text unless OpenMetrics is asked for, with the same samples', async () => {
    const url = `${await start([steady])}/metrics`;
    const text = await fetch(url);
    const open = await fetch(url, { headers: { Accept: 'application/openmetrics-text' } });
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(open.headers.get('content-type')).toMatch(
      /^application\/openmetrics-text; version=1.0.0/,
    );
    const [left, right] = [readExposition(await text.text()), readExposition(await open.text())];
    const named = (samples: typeof left) =>
      samples.filter(({ name }) => name === 'sluice_rows_total');
    expect(named(left)).toEqual([
      { name: 'sluice_rows_total', labels: { key: 'a "b"\nc' }, value: 3 },
    ]);
    expect(named(right)).toEqual(named(left));
    expect(right.map(({ name }) => name)).toEqual(left.map(({ name }) => name));
  });

  test.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', null],
    ['identity', null],
  ])('to Accept-Encoding %s it has the encoding %s', async (accepted, encoding) => {
    const url = `${await start([steady])}/metrics`;
    const answer = await fetch(url, { headers: { 'Accept-Encoding': accepted } });
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(await answer.text()).toContain('sluice_rows_total{');
  });

  test('answers within the time of the scrape, though a collector hangs', async () => {
    const hanging: Collector = { name: 'hanging', collect: () => new Promise(() => undefined) };
    const url = `${await start([steady, hanging])}/metrics`;
    const answer = await fetch(url, {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.6' },
      signal: AbortSignal.timeout(20_000),
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('sluice_exporter_collector_success{collector="hanging"} 0');
    expect(text).toContain('sluice_exporter_collector_success{collector="steady"} 1');
  });

  test('of more scrapes at once than it answers, the others are told to come again', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly MetricFamily[]>();
    const url = `${await start([{ name: 'held', collect: () => promise }], openWebConfig, 2)}/metrics`;
    const scrapes = Array.from({ length: 5 }, () => fetch(url));
    const refused = await Promise.race(scrapes);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    resolve([rows]);
    const statuses = (await Promise.all(scrapes)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 200, 503, 503, 503]);
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('the other pages', () => {
  test('/ says what this is and how each collector fares, whatever an error says', async () => {
    const url = await start([
      steady,
      {
        name: '<b>bad</b>',
        collect: () => Promise.reject(new Error('<script>alert("x")</script>')),
      },
    ]);
    await fetch(`${url}/metrics`);
    const answer = await fetch(url);
    const page = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page).toContain('href="metrics"');
    expect(page).toContain('<th scope="row">steady</th><td>well</td>');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<b>bad/);
  });

  test('/livez and /readyz are well also when every collector fails', async () => {
    const url = await start([{ name: 'bad', collect: () => Promise.reject(new Error('away')) }]);
    await fetch(`${url}/metrics`);
    for (const path of ['/livez', '/readyz']) {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    }
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });
});

describe('with users', () => {
  const basic = (text: string) => ({
    Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });

  test('only they are answered, with the headers that are configured, and a reload changes who', async () => {
    const config = (user: string, passwordHash: string) =>
      `basic_auth_users:\n  ${user}: ${passwordHash}\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny\n`;
    const web = await writeWebConfig(config('prometheus', await hash('right:one', 4)));
    const url = `${await start([steady], web)}/metrics`;
    const statusOf = async (headers: Record<string, string>) =>
      (await fetch(url, { headers })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf(basic('prometheus:wrong'))).toBe(401);
    expect(await statusOf(basic('nobody:right:one'))).toBe(401);
    expect(await statusOf(basic('constructor:right:one'))).toBe(401);
    expect(await statusOf({ Authorization: 'Basic %%%' })).toBe(401);
    expect(await statusOf(basic('prometheus:right:one'))).toBe(200);
    expect(await statusOf(basic('prometheus:right:one'))).toBe(200);
    expect((await fetch(url)).headers.get('x-frame-options')).toBe('deny');
    server?.configure(await writeWebConfig(config('other', await hash('new', 4))));
    expect(await statusOf(basic('prometheus:right:one'))).toBe(401);
    expect(await statusOf(basic('other:new'))).toBe(200);
  });

  test('the probes are answered without a password, and nothing else is', async () => {
    const web = await writeWebConfig(`basic_auth_users:\n  a: ${await hash('right', 4)}\n`);
    const url = await start([steady], web);
    const paths = ['/livez', '/readyz', '/', '/metrics', '/elsewhere', '/livez/../metrics'];
    const statuses = await Promise.all(
      paths.map(async (path) => (await fetch(`${url}${path}`)).status),
    );
    expect(statuses).toEqual([200, 200, 401, 401, 401, 401]);
  });

  test('an answer that fails is told of, with its page, and one that is refused is not', async () => {
    const unusable = `$2b$99$${'.'.repeat(53)}`;
    const url = await start([steady], { ...openWebConfig, basic_auth_users: { a: unusable } });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/%%`)).status).toBe(400);
    expect(failures).toEqual([]);
    expect((await fetch(`${url}/metrics`, { headers: basic('a:secret') })).status).toBe(500);
    expect(failures).toEqual([expect.stringMatching(/^\/metrics: .*rounds/)]);
    expect(failures.join()).not.toContain('secret');
  });

  test('a flood of wrong passwords is mostly told to come again, and whoever is known is answered', async () => {
    // Of this cost eight comparisons take longer than the flood takes to arrive.
    const web = await writeWebConfig(
      `basic_auth_users:\n  prometheus: ${await hash('right', 10)}\n`,
    );
    const url = `${await start([steady], web)}/metrics`;
    const ask = async (password: string) =>
      fetch(url, { headers: basic(`prometheus:${password}`) });
    expect((await ask('right')).status).toBe(200);
    const flood = Array.from({ length: 200 }, (_, index) => ask(`wrong ${String(index)}`));
    const refused = await Promise.any(
      flood.map(async (asked) => {
        const answer = await asked;
        return answer.status === 503 ? answer : Promise.reject(new Error('compared'));
      }),
    );
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.text()).toBe('too many passwords are being compared already\n');
    expect((await ask('right')).status).toBe(200);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
  });
});

describe('by TLS', () => {
  async function startTls(more = '') {
    const own = createCertificate('self-signed', Date.now());
    const client = createCertificate('self-signed', Date.now());
    await writeFile(join(folder, 'server.pem'), own.cert);
    await writeFile(join(folder, 'server.key'), own.key);
    await writeFile(join(folder, 'clients.pem'), client.cert);
    const web = await writeWebConfig(
      `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n${more}`,
    );
    const url = await start([steady], web);
    const askFor = (path: string, options: RequestOptions = {}) =>
      askTls(`${url}${path}`, { ca: own.cert, ...options });
    const ask = (options: RequestOptions = {}) => askFor('/metrics', options);
    return { own, client, url, ask, askFor };
  }

  test('it is served, with nothing older than TLS 1.2', async () => {
    const { url, ask } = await startTls();
    expect(url).toMatch(/^https:/);
    expect((await ask()).status).toBe(200);
    await expect(ask({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow();
  });

  test('client certificates are required and verified where that is configured', async () => {
    const { ask, client } = await startTls(
      '  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n',
    );
    const stranger = createCertificate('self-signed', Date.now());
    await expect(ask()).rejects.toThrow();
    await expect(ask({ cert: stranger.cert, key: stranger.key })).rejects.toThrow();
    expect((await ask({ cert: client.cert, key: client.key })).status).toBe(200);
  });

  test('one is verified if it is given, and its names are looked at', async () => {
    const { ask, client } = await startTls(
      '  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: clients.pem\n  client_allowed_sans: [somebody.else]\n',
    );
    const stranger = createCertificate('self-signed', Date.now());
    expect((await ask()).status).toBe(200);
    expect((await ask({ cert: stranger.cert, key: stranger.key })).status).toBe(403);
    expect((await ask({ cert: client.cert, key: client.key })).status).toBe(403);
  });

  test.each([
    ['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'],
    ['NoClientCert', 'RequireAndVerifyClientCert'],
    ['NoClientCert', 'VerifyClientCertIfGiven'],
    ['RequireAndVerifyClientCert', 'NoClientCert'],
  ])('%s does not become %s by a reload, and goes on', async (before, after) => {
    const typed = (type: string) => `  client_auth_type: ${type}\n  client_ca_file: clients.pem\n`;
    const { ask, client } = await startTls(typed(before));
    const stranger = createCertificate('self-signed', Date.now());
    const askAll = () =>
      Promise.all(
        [{}, stranger, client].map((given) =>
          ask(given).then(
            ({ status }) => status,
            () => 'no handshake',
          ),
        ),
      );
    const answers = await askAll();
    const web = await readFile(join(folder, 'web.yml'), 'utf8');
    const next = await writeWebConfig(web.replace(typed(before), typed(after)));
    expect(() => server?.configure(next)).toThrow(
      'tls_server_config.client_auth_type is changed by a restart only',
    );
    expect(await askAll()).toEqual(answers);
    expect(answers[1]).not.toBe(before === 'NoClientCert' ? 403 : 200);
  });

  test('the probes are answered without a certificate, as far as the handshake lets them', async () => {
    const { ask, askFor } = await startTls('  client_auth_type: RequireAnyClientCert\n');
    expect((await ask()).status).toBe(403);
    expect((await askFor('/livez')).status).toBe(200);
    expect((await askFor('/readyz')).status).toBe(200);
  });

  test('another certificate is taken over without a restart', async () => {
    const { ask, url } = await startTls();
    const renewed = createCertificate('self-signed', Date.now());
    await writeFile(join(folder, 'server.pem'), renewed.cert);
    await writeFile(join(folder, 'server.key'), renewed.key);
    server?.configure(await readWebConfig(join(folder, 'web.yml')));
    await expect(ask()).rejects.toThrow();
    expect((await askTls(`${url}/metrics`, { ca: renewed.cert })).status).toBe(200);
  });

  test('it is not switched off by a reload', async () => {
    const { ask } = await startTls();
    expect(() => server?.configure(openWebConfig)).toThrow('by a restart only');
    expect((await ask()).status).toBe(200);
  });

  test('it is not switched on by a reload', async () => {
    const { url, own } = await startTls();
    const web = await readWebConfig(join(folder, 'web.yml'));
    expect((await askTls(`${url}/metrics`, { ca: own.cert })).status).toBe(200);
    await server?.close();
    const plainUrl = await start([steady]);
    expect(() => server?.configure(web)).toThrow('by a restart only');
    expect((await fetch(`${plainUrl}/metrics`)).status).toBe(200);
  });
});

/** One request on a connection of its own. */
async function askTls(
  url: string,
  options: RequestOptions,
): Promise<{ readonly status: number | undefined; readonly headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        resolve({ status: answer.statusCode, headers: answer.headers });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
