import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, test } from 'vitest';

import type { FetchError } from '../../src/fetch/fetch-error.ts';
import {
  failFetch,
  fetchInto,
  makeContent,
  makeFolder,
  type FetchOverrides,
} from './fetch-into.ts';
import { serveBeginning, serveFile, startFileServer, type FileServer } from './file-server.ts';
import { makeTarGz } from './tar-bytes.ts';

const canary = 'CANARY7f3a';
const content = makeContent(10_000);
const path = `/votes.tar.gz?token=${canary}#${canary}`;

/** Everything that a logger could print of an error, hidden fields and causes included. */
function expectNoCanary(error: FetchError): void {
  const shown = [
    error.message,
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true, maxStringLength: null }),
  ];
  expect(shown.join('\n')).not.toContain(canary);
}

async function expectNoCanaryOnDisk(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    expect(name).not.toContain(canary);
    expect(await readFile(join(folder, name), 'latin1')).not.toContain(canary);
  }
}

const good = serveFile(() => ({ content, etag: '"1"' }));
const archive = serveFile(() => ({ content: makeTarGz({ path: '../evil' }), etag: '"1"' }));

interface FailingCase {
  readonly handler: Parameters<typeof startFileServer>[0];
  readonly overrides?: FetchOverrides;
  readonly onServer?: (server: FileServer) => FetchOverrides;
}

const cases: Readonly<Record<string, FailingCase>> = {
  'an HTTP error': { handler: (_request, response) => response.writeHead(404).end(canary) },
  'an HTTP error after retries': {
    handler: (_request, response) => response.writeHead(503).end(),
    overrides: { retries: 2 },
  },
  'a broken connection': { handler: (request) => request.socket.destroy() },
  'a broken body': {
    handler: serveBeginning(() => ({ content, etag: '"1"' }), 5000),
    onServer: (server) => ({
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 0) {
          server.cutConnections();
        }
      },
    }),
  },
  'no response': {
    handler: () => undefined,
    overrides: { timeouts: { headersMs: 30 } },
  },
  'an idle body': {
    handler: serveBeginning(() => ({ content, etag: '"1"' }), 5000),
    overrides: { timeouts: { idleMs: 30 } },
  },
  'the end of the whole time': {
    handler: serveBeginning(() => ({ content, etag: '"1"' }), 5000),
    overrides: { timeouts: { wholeMs: 100 } },
  },
  'a stop': {
    handler: good,
    overrides: { signal: AbortSignal.abort() },
  },
  'a redirect to elsewhere': {
    handler: (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:1/?signature=${canary}` }).end(),
  },
  'a redirect with credentials': {
    handler: (request, response) =>
      response
        .writeHead(302, { location: `http://u:${canary}@${request.headers.host ?? ''}/` })
        .end(),
  },
  'a redirect in circles': {
    handler: (request, response) =>
      response.writeHead(302, { location: `/?again=${canary}${request.url ?? ''}` }).end(),
  },
  'a file that is too large': { handler: good, overrides: { maxBytes: 10 } },
  'a wrong checksum': { handler: good, overrides: { sha256: '0'.repeat(64) } },
  'an unsafe archive': { handler: archive, overrides: { unpack: true } },
  'no archive': { handler: good, overrides: { unpack: true } },
};

describe('neither the error nor the folder shows a secret of the URL', () => {
  test.each(Object.keys(cases))('after %s', async (name) => {
    const { handler, overrides, onServer } = cases[name] ?? { handler: good };
    const server = await startFileServer(handler);
    const folder = await makeFolder();

    const error = await failFetch(folder, server.url(path), {
      ...overrides,
      ...onServer?.(server),
    });

    expectNoCanary(error);
    await expectNoCanaryOnDisk(folder);
  });

  test('after a file that is there already', async () => {
    const server = await startFileServer(good);
    const folder = await makeFolder();
    await writeFile(join(folder, 'votes.tar.gz'), '');

    expectNoCanary(await failFetch(folder, server.url(path)));
  });

  test('after a disk error', async () => {
    const file = join(await makeFolder(), 'file');
    await writeFile(file, '');

    const error = await failFetch(file, new URL(path, 'http://127.0.0.1:1'));

    expect(error.code).toBe('DISK');
    expectNoCanary(error);
  });

  test.each([`http://${canary}@127.0.0.1/`, `http://u:${canary}@127.0.0.1/`, `ftp://x/${canary}`])(
    'after a URL that is refused',
    async (url) => {
      const error = await failFetch(await makeFolder(), new URL(url));

      expect(error.code).toBe('USAGE');
      expectNoCanary(error);
    },
  );
});

test('the result does not show a secret of the URL', async () => {
  const server = await startFileServer(good);
  const folder = await makeFolder();

  const result = await fetchInto(folder, server.url(path));

  expect(JSON.stringify(result)).not.toContain(canary);
  await expectNoCanaryOnDisk(folder);
});
