import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { acquireLock } from '../../src/fetch/fetch-lock.ts';
import {
  failFetch,
  fetchInto,
  listFiles,
  makeContent,
  makeFolder,
  sha256Of,
} from './fetch-into.ts';
import { inTurn, serveBeginning, serveFile, startFileServer } from './file-server.ts';

const content = makeContent(300_000);
const half = 150_000;
const version = { content, etag: '"1"' };

// Another process must start first, on a machine that may be busy.
const slowMs = 20_000;
const slow = { timeout: slowMs };
const fetchModule = new URL('../../src/fetch/fetch-file.ts', import.meta.url).href;

/** The same call in another process, which prints the code of its error, or `done`. */
function startFetch(targetFolder: string, url: URL) {
  const script = `
    import { fetchFile } from ${JSON.stringify(fetchModule)};
    const [targetFolder, url] = process.argv.slice(1);
    fetchFile({ url: new URL(url), targetFolder, overwrite: false, unpack: false, retries: 0 })
      .then(() => 'done', (error) => error.code ?? String(error))
      .then((outcome) => process.stdout.write(outcome));
  `;
  const args = ['--no-warnings', '--input-type=module', '-e', script, targetFolder, url.href];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const outcome = once(child, 'close').then(() => output);
  return { child, outcome };
}

async function waitForRequest(requests: readonly unknown[]): Promise<void> {
  await expect.poll(() => requests.length, { timeout: slowMs, interval: 20 }).toBe(1);
}

test('a lock is exclusive until it is released, and leaves nothing', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'lock');
  const lock = await acquireLock(path, 'fetch it');

  await expect(acquireLock(path, 'fetch it')).rejects.toMatchObject({
    code: 'EXISTS',
    retryable: true,
    message: expect.stringContaining(`process ${process.pid} on ${hostname()}`) as string,
  });

  await lock.release();
  await (await acquireLock(path, 'fetch it')).release();
  expect(await readdir(folder)).toEqual([]);
});

test('a second call for the same name at the same time fails, and the first is not harmed', async () => {
  const server = await startFileServer(serveFile(() => version));
  const folder = await makeFolder();

  const outcomes = await Promise.allSettled(
    [1, 2, 3].map(() => fetchInto(folder, server.url('/votes.jsonl'))),
  );

  const results = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(results).toHaveLength(1);
  expect(results[0]?.value.sha256).toBe(sha256Of(content));
  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test(
  'another process that works on the file is named, and the file arrives whole',
  slow,
  async () => {
    let finish = () => {};
    const server = await startFileServer((_request, response) => {
      response
        .writeHead(200, { 'content-length': content.length })
        .write(content.subarray(0, half));
      finish = () => response.end(content.subarray(half));
    });
    const folder = await makeFolder();
    const { child, outcome } = startFetch(folder, server.url('/votes.jsonl'));
    await waitForRequest(server.requests);

    const error = await failFetch(folder, server.url('/votes.jsonl'));
    finish();

    expect(error).toMatchObject({ code: 'EXISTS', retryable: true });
    expect(error.message).toContain(`process ${child.pid ?? 0} on`);
    expect(await outcome).toBe('done');
    expect(await listFiles(folder)).toEqual(['votes.jsonl']);
  },
);

test(
  'a killed process leaves a lock that is taken over, and a part that is resumed',
  slow,
  async () => {
    const server = await startFileServer(
      inTurn(
        serveBeginning(() => version, half),
        serveFile(() => version),
      ),
    );
    const folder = await makeFolder();
    const { child, outcome } = startFetch(folder, server.url('/votes.jsonl'));
    await waitForRequest(server.requests);
    const part = join(folder, 'votes.jsonl.part');
    await expect.poll(async () => (await stat(part)).size, { timeout: slowMs }).toBe(half);
    child.kill('SIGKILL');
    await outcome;

    const result = await fetchInto(folder, server.url('/votes.jsonl'));

    expect(result).toMatchObject({ resumedFromBytes: half, sha256: sha256Of(content) });
    expect(await listFiles(folder)).toEqual(['votes.jsonl']);
  },
);

const here = { pid: process.pid, host: hostname(), processStartMs: performance.timeOrigin };
test.each([
  ['of an earlier process with our pid', { ...here, processStartMs: 1 }, 'taken'],
  ['of this process', here, 'held'],
  ['of the process that started us', { ...here, pid: process.ppid }, 'held'],
  ['of another host, where we cannot look', { ...here, pid: 2 ** 30, host: 'elsewhere' }, 'held'],
  ['of a process that is gone', { ...here, pid: 2 ** 30 }, 'taken'],
])('a lock %s is %s', async (_, holder, expected) => {
  const folder = await makeFolder();
  const path = join(folder, 'lock');
  await writeFile(path, JSON.stringify({ ...holder, token: 'theirs' }));

  const outcome = await acquireLock(path, 'fetch it').then(
    () => 'taken',
    () => 'held',
  );

  expect(outcome).toBe(expected);
  expect(await readdir(folder)).toEqual(['lock']);
});

test.each(['', '{"pid":', '[]', '{"pid":"1"}'])(
  'a lock with the text %j is just being written, and held',
  async (text) => {
    const path = join(await makeFolder(), 'lock');
    await writeFile(path, text);

    await expect(acquireLock(path, 'fetch it')).rejects.toThrow(/another process .* remove .*lock/);
  },
);

test('of many that find the same stale lock, one gets it', async () => {
  for (let round = 0; round < 20; round += 1) {
    const path = join(await makeFolder(), 'lock');
    await writeFile(path, JSON.stringify({ ...here, pid: 2 ** 30, token: 'theirs' }));

    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, turns) => {
        // Out of step with each other, as processes are.
        for (let turn = 0; turn < turns; turn += 1) {
          await setImmediate();
        }
        return await acquireLock(path, 'fetch it');
      }),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  }
});

test('a lock that someone else has by now is not released', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'lock');
  const lock = await acquireLock(path, 'fetch it');
  await writeFile(path, JSON.stringify({ ...here, token: 'theirs' }));

  await lock.release();

  expect(await readdir(folder)).toEqual(['lock']);
});
