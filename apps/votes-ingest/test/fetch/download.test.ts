import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { writeFileSync } from 'node:fs';
import { link, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  expectFile,
  failFetch,
  fetchInto,
  listFiles,
  makeContent,
  makeFolder,
  sha256Of,
} from './fetch-into.ts';
import {
  inTurn,
  serveBeginning,
  serveFile,
  startFileServer,
  type FileServer,
  type ServedVersion,
} from './file-server.ts';

const content = makeContent(300_000);
const half = 150_000;
const version: ServedVersion = { content, etag: '"v1"' };
const kept = ['votes.jsonl.part', 'votes.jsonl.part.json'];

/** Makes a call that the server ends after half of the file. */
async function fetchHalf(folder: string, server: FileServer, name = 'votes.jsonl') {
  return await failFetch(folder, server.url(`/${name}`), {
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === half) {
        server.cutConnections();
      }
    },
  });
}

/** A server that breaks off the first request, and answers the next ones with the handlers. */
async function startCuttingServer(
  next: RequestListener,
  first: ServedVersion = version,
): Promise<FileServer> {
  return await startFileServer(
    inTurn(
      serveBeginning(() => first, half),
      next,
    ),
  );
}

test('a download that was cut keeps its part, and the next call fetches only the rest', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();

  const error = await fetchHalf(folder, server);
  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(await listFiles(folder)).toEqual(kept);

  const result = await fetchInto(folder, server.url('/votes.jsonl'));
  expect(result).toMatchObject({
    bytes: content.length,
    sha256: sha256Of(content),
    resumedFromBytes: half,
  });
  expect(server.requests[1]?.headers).toMatchObject({
    range: `bytes=${half}-`,
    'if-range': '"v1"',
  });
  await expectFile(join(folder, 'votes.jsonl'), content);
  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('a retry within one call resumes too', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();

  const result = await fetchInto(folder, server.url('/votes.jsonl'), {
    retries: 1,
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === half) {
        server.cutConnections();
      }
    },
  });

  expect(result).toMatchObject({ resumedFromBytes: half, sha256: sha256Of(content) });
});

test('without an ETag the date of the file decides whether a part can be resumed', async () => {
  const dated = { content, etag: 'W/"weak"', lastModified: 'Fri, 20 Nov 2026 10:00:00 GMT' };
  const server = await startCuttingServer(
    serveFile(() => dated),
    dated,
  );
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(server.requests[1]?.headers['if-range']).toBe(dated.lastModified);
  expect(result.resumedFromBytes).toBe(half);
});

test.each([
  ['no validator', {}],
  ['a weak ETag only', { etag: 'W/"v1"' }],
])('with %s nothing is kept, since nobody could tell what it is a part of', async (_, given) => {
  const server = await startCuttingServer(
    serveFile(() => ({ content })),
    { content, ...given },
  );
  const folder = await makeFolder();

  await fetchHalf(folder, server);

  expect(await readdir(folder)).toEqual([]);
});

test('a file that has changed since is fetched anew, never mixed', async () => {
  const changed = makeContent(200_000).reverse();
  const server = await startCuttingServer(serveFile(() => ({ content: changed, etag: '"v2"' })));
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(result).toMatchObject({ resumedFromBytes: 0, sha256: sha256Of(changed) });
  await expectFile(join(folder, 'votes.jsonl'), changed);
});

test('a server that ignores ranges is read from the beginning', async () => {
  const server = await startCuttingServer((_request, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length }).end(content);
  });
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(result).toMatchObject({ resumedFromBytes: 0, sha256: sha256Of(content) });
});

const rest = content.subarray(half);
const goodRange = `bytes ${half}-${content.length - 1}/${content.length}`;
test.each([
  ['begins elsewhere', { 'content-range': `bytes 0-${content.length - 1}/${content.length}` }],
  ['ends early', { 'content-range': `bytes ${half}-${half + 9}/${content.length}` }],
  ['has no Content-Range', {}],
  ['has an unknown total', { 'content-range': `bytes ${half}-${content.length - 1}/*` }],
  ['counts in other units', { 'content-range': goodRange.replace('bytes', 'lines') }],
  ['is of another version', { 'content-range': goodRange, etag: '"v2"' }],
])('a partial answer that %s is dropped and the file fetched anew', async (_, headers) => {
  const server = await startFileServer(
    inTurn(
      serveBeginning(() => version, half),
      (_request, response) => {
        response.writeHead(206, headers).end(rest);
      },
      serveFile(() => version),
    ),
  );
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(server.requests).toHaveLength(3);
  expect(server.requests[2]?.headers).not.toHaveProperty('range');
  expect(result).toMatchObject({ resumedFromBytes: 0, sha256: sha256Of(content) });
});

test('a part that is whole already is taken after one question', async () => {
  const server = await startFileServer(serveFile(() => version));
  const folder = await makeFolder();
  const mine = join(folder, 'votes.jsonl');
  await failFetch(folder, server.url('/votes.jsonl'), {
    // Someone puts a file there at the last moment: the part stays, whole.
    onProgress: () => {
      writeFileSync(mine, 'mine');
    },
  });
  expect(await listFiles(folder)).toEqual(['votes.jsonl', ...kept]);

  const result = await fetchInto(folder, server.url('/votes.jsonl'), { overwrite: true });

  expect(result).toMatchObject({ resumedFromBytes: content.length, sha256: sha256Of(content) });
  await expectFile(mine, content);
});

test('a part that is longer than the file is now is dropped', async () => {
  const shorter = { content: makeContent(1000), etag: '"v1"' };
  const server = await startCuttingServer(serveFile(() => shorter));
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(result).toMatchObject({ bytes: 1000, resumedFromBytes: 0 });
});

test('a part of another URL with the same name is not resumed', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();

  await fetchHalf(folder, server, 'votes.jsonl?of=2025');
  const result = await fetchInto(folder, server.url('/votes.jsonl?of=2026'));

  expect(server.requests[1]?.headers).not.toHaveProperty('range');
  expect(result.resumedFromBytes).toBe(0);
});

test.each([
  ['cut', '{"urlSha256":"'],
  ['of another shape', '[]'],
  ['without validators', '{"urlSha256":"x","fileName":"y"}'],
])('a note that is %s means that the part is not resumed', async (_, text) => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  await writeFile(join(folder, 'votes.jsonl.part.json'), text);
  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(result).toMatchObject({ resumedFromBytes: 0, sha256: sha256Of(content) });
});

test('a part whose bytes have changed on disk is found out by the checksum', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();
  await fetchHalf(folder, server);
  await writeFile(join(folder, 'votes.jsonl.part'), Buffer.alloc(half));

  const error = await failFetch(folder, server.url('/votes.jsonl'), {
    sha256: sha256Of(content),
  });

  expect(error.code).toBe('CHECKSUM');
  expect(await readdir(folder)).toEqual([]);
});

test('a part that is a second name of another file is not written to', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();
  await fetchHalf(folder, server);
  const precious = join(folder, 'precious');
  await link(join(folder, 'votes.jsonl.part'), precious);

  const result = await fetchInto(folder, server.url('/votes.jsonl'));

  expect(result).toMatchObject({ resumedFromBytes: 0, sha256: sha256Of(content) });
  await expectFile(precious, content.subarray(0, half));
});

test('the name from Content-Disposition holds for the resumed file as well', async () => {
  const server = await startFileServer(
    inTurn(
      (_request, response) => {
        response.writeHead(200, {
          etag: '"v1"',
          'content-length': content.length,
          'content-disposition': 'attachment; filename=votes.jsonl',
        });
        response.write(content.subarray(0, half));
      },
      serveFile(() => version),
    ),
  );
  const folder = await makeFolder();

  await fetchHalf(folder, server, 'get');
  const { files } = await fetchInto(folder, server.url('/get'));

  expect(files).toEqual([{ path: join(folder, 'votes.jsonl'), bytes: content.length }]);
});

test('a body that is shorter than announced is an error, though the server ended it well', async () => {
  const server = await startFileServer((request) => {
    request.socket.end('HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 100\r\n\r\nonly this');
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(await listFiles(folder)).toEqual(kept);
});

test('a chunked body without its last chunk is an error', async () => {
  const server = await startFileServer((request) => {
    request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(await readdir(folder)).toEqual([]);
});

test('a file whose announced size is over the cap is refused before its body', async () => {
  const server = await startFileServer(serveBeginning(() => version, 0));
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'), { maxBytes: 299_999 });

  expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
  expect(error.message).toContain('299999');
  expect(await readdir(folder)).toEqual([]);
});

test('a body without an announced size is stopped at the cap, and the connection closed', async () => {
  let sentBytes = 0;
  let closed: Promise<unknown> = Promise.resolve();
  const server = await startFileServer((_request, response) => {
    closed = once(response, 'close');
    const send = () => {
      sentBytes += 65_536;
      response.write(Buffer.alloc(65_536), (error) => {
        if (error == null) {
          send();
        }
      });
    };
    send();
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/endless'), { maxBytes: 1_000_000 });

  await closed;
  expect(error.code).toBe('TOO_LARGE');
  expect(sentBytes).toBeLessThan(50_000_000);
  expect(await readdir(folder)).toEqual([]);
});

test('a file of exactly the cap is fine', async () => {
  const server = await startFileServer(serveFile(() => version));

  const result = await fetchInto(await makeFolder(), server.url('/votes.jsonl'), {
    maxBytes: content.length,
  });

  expect(result.bytes).toBe(content.length);
});

test('the cap holds for a resumed file as a whole', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();

  await fetchHalf(folder, server);
  const error = await failFetch(folder, server.url('/votes.jsonl'), { maxBytes: 200_000 });

  expect(error.code).toBe('TOO_LARGE');
  expect(await readdir(folder)).toEqual([]);
});

test('a call that is stopped keeps its part, and the next one resumes it', async () => {
  const server = await startCuttingServer(serveFile(() => version));
  const folder = await makeFolder();
  const controller = new AbortController();

  const error = await failFetch(folder, server.url('/votes.jsonl'), {
    signal: controller.signal,
    retries: 5,
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === half) {
        controller.abort();
      }
    },
  });

  expect(error).toMatchObject({ code: 'ABORTED', retryable: true });
  expect(server.requests).toHaveLength(1);
  expect(await listFiles(folder)).toEqual(kept);

  const result = await fetchInto(folder, server.url('/votes.jsonl'));
  expect(result).toMatchObject({ resumedFromBytes: half, sha256: sha256Of(content) });
});
