import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { FetchProgress } from '../../src/fetch/fetch-options.ts';
import {
  expectFile,
  failFetch,
  fetchInto,
  listFiles,
  makeContent,
  makeFolder,
  sha256Of,
} from './fetch-into.ts';
import { serveFile, startFileServer } from './file-server.ts';

const content = makeContent(300_000);

test('a file arrives whole, under the name of the URL, and nothing else is left in the folder', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = await makeFolder();

  const result = await fetchInto(folder, server.url('/data/votes.jsonl?key=1#top'));

  expect(result).toEqual({
    files: [{ path: join(folder, 'votes.jsonl'), bytes: content.length }],
    url: `${server.origin}/data/votes.jsonl`,
    bytes: content.length,
    sha256: sha256Of(content),
    resumedFromBytes: 0,
    unpacked: false,
  });
  await expectFile(join(folder, 'votes.jsonl'), content);
  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('the request says who we are and asks for the bytes as they are', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));

  await fetchInto(await makeFolder(), server.url('/votes.jsonl'));

  const [request] = server.requests;
  expect(request?.headers).toMatchObject({
    'user-agent': 'sluice-votes-ingest',
    'accept-encoding': 'identity',
  });
  expect(request?.headers).not.toHaveProperty('range');
});

test('a missing target folder is made', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = join(await makeFolder(), 'not', 'there');

  await fetchInto(folder, server.url('/votes.jsonl'));

  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('progress begins at 0, never goes back, and ends at the size', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const seen: FetchProgress[] = [];

  await fetchInto(await makeFolder(), server.url('/votes.jsonl'), {
    onProgress: (progress) => seen.push(progress),
  });

  const received = seen.map((progress) => progress.receivedBytes);
  expect(received.at(0)).toBe(0);
  expect(received.at(-1)).toBe(content.length);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
  expect(new Set(seen.map(({ totalBytes }) => totalBytes))).toEqual(new Set([content.length]));
});

test('progress has no total when the server does not tell one', async () => {
  const server = await startFileServer((_request, response) => {
    response.write(content);
    response.end();
  });
  const seen: FetchProgress[] = [];

  await fetchInto(await makeFolder(), server.url('/votes.jsonl'), {
    onProgress: (progress) => seen.push(progress),
  });

  expect(seen.at(-1)).toEqual({
    phase: 'download',
    receivedBytes: content.length,
    unpackedBytes: 0,
  });
});

test('bytes are stored as they were sent, also where the server calls them compressed', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(content);
  });
  const folder = await makeFolder();

  await fetchInto(folder, server.url('/votes.jsonl.gz'));

  await expectFile(join(folder, 'votes.jsonl.gz'), content);
});

test('Content-Disposition names the file, and cannot lead out of the folder', async () => {
  const server = await startFileServer((_request, response) => {
    response
      .writeHead(200, { 'content-disposition': 'attachment; filename="../../evil.jsonl"' })
      .end(content);
  });
  const folder = await makeFolder();

  const { files } = await fetchInto(folder, server.url('/download?id=7'));

  expect(files).toEqual([{ path: join(folder, 'evil.jsonl'), bytes: content.length }]);
});

test('the expected checksum is accepted in either case', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const sha256 = sha256Of(content);

  const result = await fetchInto(await makeFolder(), server.url('/votes.jsonl'), {
    sha256: sha256.toUpperCase(),
  });

  expect(result.sha256).toBe(sha256);
});

test('a wrong checksum is an error that names both, and leaves nothing', async () => {
  const server = await startFileServer(serveFile(() => ({ content, etag: '"1"' })));
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'), { sha256: 'f'.repeat(64) });

  expect(error).toMatchObject({ code: 'CHECKSUM', retryable: false });
  expect(error.message).toContain(sha256Of(content));
  expect(error.message).toContain('f'.repeat(64));
  expect(await readdir(folder)).toEqual([]);
});

test('an empty file is an error, not a file', async () => {
  const server = await startFileServer((_request, response) => {
    response.writeHead(200, { 'content-length': 0 }).end();
  });
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'HTTP', retryable: false });
  expect(await readdir(folder)).toEqual([]);
});

test('a file that is there is not touched, and its body is not even read', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = await makeFolder();
  await writeFile(join(folder, 'votes.jsonl'), 'mine');

  const error = await failFetch(folder, server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'EXISTS', retryable: false });
  expect(error.message).toContain(join(folder, 'votes.jsonl'));
  expect(await readFile(join(folder, 'votes.jsonl'), 'utf8')).toBe('mine');
  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('a file that appears during the download is not replaced', async () => {
  const server = await startFileServer(serveFile(() => ({ content, etag: '"1"' })));
  const folder = await makeFolder();

  const error = await failFetch(folder, server.url('/votes.jsonl'), {
    onProgress: () => {
      writeFileSync(join(folder, 'votes.jsonl'), 'mine');
    },
  });

  expect(error.code).toBe('EXISTS');
  expect(await readFile(join(folder, 'votes.jsonl'), 'utf8')).toBe('mine');
});

test('with overwrite a file is replaced', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = await makeFolder();
  await writeFile(join(folder, 'votes.jsonl'), 'old');

  await fetchInto(folder, server.url('/votes.jsonl'), { overwrite: true });

  await expectFile(join(folder, 'votes.jsonl'), content);
});

test('with overwrite a link is replaced, and what it leads to is not touched', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = await makeFolder();
  const elsewhere = join(await makeFolder(), 'precious');
  await writeFile(elsewhere, 'precious');
  await symlink(elsewhere, join(folder, 'votes.jsonl'));
  await symlink(elsewhere, join(folder, 'votes.jsonl.part'));

  await fetchInto(folder, server.url('/votes.jsonl'), { overwrite: true });

  await expectFile(join(folder, 'votes.jsonl'), content);
  expect(await readFile(elsewhere, 'utf8')).toBe('precious');
});

test('even with overwrite a folder is never replaced', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const folder = await makeFolder();
  await mkdir(join(folder, 'votes.jsonl'));

  const error = await failFetch(folder, server.url('/votes.jsonl'), { overwrite: true });

  expect(error.code).toBe('EXISTS');
});

test('a target that is a file is a disk error that names it', async () => {
  const server = await startFileServer(serveFile(() => ({ content })));
  const file = join(await makeFolder(), 'file');
  await writeFile(file, '');

  const error = await failFetch(file, server.url('/votes.jsonl'));

  expect(error).toMatchObject({ code: 'DISK', retryable: false });
  expect(error.message).toContain(file);
  expect(server.requests).toEqual([]);
});
