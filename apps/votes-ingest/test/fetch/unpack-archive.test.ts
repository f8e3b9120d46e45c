import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

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
  type FetchOverrides,
} from './fetch-into.ts';
import { serveFile, startFileServer } from './file-server.ts';
import { makeTar, makeTarGz, type TarEntry } from './tar-bytes.ts';

const votes = '{"Id":1}\n';
const good: TarEntry = { path: 'votes.jsonl', body: votes };

async function serveArchive(content: Buffer) {
  return await startFileServer(serveFile(() => ({ content, etag: '"1"' })));
}

async function unpackInto(folder: string, content: Buffer, overrides: FetchOverrides = {}) {
  const server = await serveArchive(content);
  const url = server.url('/votes.tar.gz');
  return await fetchInto(folder, url, { unpack: true, ...overrides });
}

async function failUnpack(folder: string, content: Buffer, overrides: FetchOverrides = {}) {
  const server = await serveArchive(content);
  const url = server.url('/votes.tar.gz');
  return await failFetch(folder, url, { unpack: true, ...overrides });
}

test('the files of an archive go where it says, and the archive is not kept', async () => {
  const big = makeContent(700_000);
  const archive = makeTarGz(
    { path: './', type: 'Directory' },
    { path: './votes.jsonl', body: votes },
    { path: 'parts/', type: 'Directory', mode: 0o000 },
    { path: 'parts/2026/big.bin', body: big, mode: 0o4777, mtime: new Date(0) },
    { path: 'parts/empty.txt' },
    { path: 'nothing/', type: 'Directory' },
  );
  const folder = await makeFolder();

  const result = await unpackInto(folder, archive, { sha256: sha256Of(archive) });

  expect(result).toMatchObject({
    files: [
      { path: join(folder, 'parts/2026/big.bin'), bytes: big.length },
      { path: join(folder, 'parts/empty.txt'), bytes: 0 },
      { path: join(folder, 'votes.jsonl'), bytes: votes.length },
    ],
    bytes: archive.length,
    sha256: sha256Of(archive),
    unpacked: true,
  });
  expect(await listFiles(folder)).toEqual(['parts/2026/big.bin', 'parts/empty.txt', 'votes.jsonl']);
  await expectFile(join(folder, 'parts/2026/big.bin'), big);
  expect(await readFile(join(folder, 'votes.jsonl'), 'utf8')).toBe(votes);
});

test('a plain tar is an archive, also under a name that says nothing', async () => {
  const server = await serveArchive(makeTar(good));
  const folder = await makeFolder();

  const result = await fetchInto(folder, server.url('/get?id=1'), { unpack: true });

  expect(result.unpacked).toBe(true);
  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('a long name in a pax header is unpacked', async () => {
  const name = `${'long/'.repeat(40)}votes.jsonl`;
  const record = `path=${name}\n`;
  const pax = `${String(record.length + 4)} ${record}`;
  const folder = await makeFolder();

  await unpackInto(
    folder,
    makeTarGz({ path: 'PaxHeader', type: 'ExtendedHeader', body: pax }, good),
  );

  expect(await listFiles(folder)).toEqual([name]);
});

test.each([
  ['votes.jsonl', Buffer.from(votes)],
  ['votes.jsonl.gz', gzipSync(votes)],
  ['votes.jsonl.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])],
  ['votes.xml', Buffer.from('<votes/>')],
  ['large.bin', makeContent(10_000)],
])('%s is no archive and stays as it is', async (name, content) => {
  const server = await serveArchive(content);
  const folder = await makeFolder();

  const result = await fetchInto(folder, server.url(`/${name}`), { unpack: true });

  expect(result.unpacked).toBe(false);
  await expectFile(join(folder, name), content);
});

test('without unpack an archive stays as it is', async () => {
  const archive = makeTarGz(good);
  const folder = await makeFolder();

  const result = await unpackInto(folder, archive, { unpack: false });

  expect(result.unpacked).toBe(false);
  await expectFile(join(folder, 'votes.tar.gz'), archive);
});

test('a page that came instead of the archive is an error, and is not kept', async () => {
  const folder = await makeFolder();

  const error = await failUnpack(folder, Buffer.from('<html>Down for maintenance</html>'));

  expect(error).toMatchObject({ code: 'UNSAFE_ARCHIVE', retryable: false });
  expect(await readdir(folder)).toEqual([]);
});

test.each<[string, TarEntry]>([
  ['leads out', { path: '../evil' }],
  ['leads out behind a folder', { path: 'a/../../evil' }],
  ['leads out at its end', { path: 'a/..', type: 'Directory' }],
  ['leads out in Windows', { path: '..\\evil' }],
  ['is absolute', { path: '/tmp/evil' }],
  ['is absolute with a drive', { path: 'C:/evil' }],
  ['is relative to a drive', { path: 'c:evil' }],
  ['is on a share', { path: '//host/share/evil' }],
  ['is a symbolic link', { path: 'link', type: 'SymbolicLink', linkpath: '/etc' }],
  ['is a symbolic link inside', { path: 'link', type: 'SymbolicLink', linkpath: 'votes.jsonl' }],
  ['is a hard link', { path: 'link', type: 'Link', linkpath: 'votes.jsonl' }],
  ['is a character device', { path: 'dev', type: 'CharacterDevice' }],
  ['is a block device', { path: 'dev', type: 'BlockDevice' }],
  ['is a pipe', { path: 'pipe', type: 'FIFO' }],
  ['is sparse', { path: 'sparse', type: 'SparseFile' }],
  ['comes twice', { path: 'votes.jsonl' }],
  ['comes twice in another spelling', { path: './/votes.jsonl' }],
  ['differs only by case', { path: 'Votes.JSONL' }],
  ['is below a file', { path: 'votes.jsonl/evil' }],
  ['is a folder where a file is', { path: 'votes.jsonl/', type: 'Directory' }],
  ['has a control character', { path: 'evil\u001b[2J' }],
  ['has a line break', { path: 'evil\nERROR all is lost' }],
  ['has no name', { path: './' }],
])('an archive with an entry that %s is refused as a whole, by name', async (_, entry) => {
  const folder = await makeFolder();
  const type = entry.path === './' ? 'ContiguousFile' : (entry.type ?? 'File');

  const error = await failUnpack(folder, makeTarGz(good, { ...entry, type }));

  expect(error).toMatchObject({ code: 'UNSAFE_ARCHIVE', retryable: false });
  const shown = entry.path.replaceAll('\\', process.platform === 'win32' ? '/' : '\\');
  expect(error.message).toContain(
    JSON.stringify(shown).replaceAll(/[\x7f-\uffff]/g, (c) => JSON.stringify(c)),
  );
  expect(error.message).not.toMatch(/\p{Cc}/u);
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['accents', 'caf\u00e9.txt', 'cafe\u0301.txt'],
  ['case beyond ASCII', 'ÄRGER.txt', 'ärger.txt'],
  ['one letter that is two', 'straße.txt', 'STRASSE.txt'],
  ['folders', 'Data/a.txt', 'data/b.txt'],
])('names that some file system takes for one are refused: %s', async (_, first, second) => {
  const folder = await makeFolder();

  const error = await failUnpack(folder, makeTarGz({ path: first }, { path: second }));

  expect(error.code).toBe('UNSAFE_ARCHIVE');
  expect(await readdir(folder)).toEqual([]);
});

test('a link through a folder of the archive never reaches the disk', async () => {
  const folder = await makeFolder();
  const elsewhere = await makeFolder();
  const archive = makeTarGz(
    { path: 'out', type: 'SymbolicLink', linkpath: elsewhere },
    { path: 'out/evil', body: 'evil' },
  );

  const error = await failUnpack(folder, archive);

  expect(error.code).toBe('UNSAFE_ARCHIVE');
  expect(await readdir(elsewhere)).toEqual([]);
});

test('a link that is in the target already is not followed', async () => {
  const folder = await makeFolder();
  const elsewhere = await makeFolder();
  await symlink(elsewhere, join(folder, 'parts'));

  const error = await failUnpack(folder, makeTarGz({ path: 'parts/evil' }), { overwrite: true });

  expect(error.code).toBe('EXISTS');
  expect(await readdir(elsewhere)).toEqual([]);
});

test('as many entries as allowed are unpacked, one more is refused', async () => {
  const entries = [1, 2, 3].map((index) => ({ path: `${index}.txt` }));
  const folder = await makeFolder();

  const error = await failUnpack(folder, makeTarGz(...entries), { maxEntries: 2 });
  expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
  expect(error.message).toContain('more than 2 files and folders');
  expect(await readdir(folder)).toEqual([]);

  await unpackInto(folder, makeTarGz(...entries), { maxEntries: 3 });
  expect(await listFiles(folder)).toHaveLength(3);
});

const zeros = Buffer.alloc(20_000_000);
test.each([
  ['in one file', 'TOO_LARGE', gzipSync(makeTar({ path: 'zeros', body: zeros }))],
  ['in what it promises', 'TOO_LARGE', gzipSync(makeTar({ path: 'zeros', size: 2 ** 40 }))],
  ['after its end mark', 'TOO_LARGE', gzipSync(Buffer.concat([makeTar(good), zeros]))],
  [
    'in its metadata',
    'UNSAFE_ARCHIVE',
    gzipSync(makeTar({ path: 'PaxHeader', type: 'ExtendedHeader', body: zeros })),
  ],
])('a bomb is stopped at the cap: %s (%s)', async (_, code, bomb) => {
  const folder = await makeFolder();
  let unpackedBytes = 0;

  const error = await failUnpack(folder, bomb, {
    maxUnpackedBytes: 1_000_000,
    onProgress: (progress) => {
      unpackedBytes = progress.unpackedBytes;
    },
  });

  expect(error).toMatchObject({ code, retryable: false });
  expect(unpackedBytes).toBeLessThanOrEqual(1_000_000);
  expect(await readdir(folder)).toEqual([]);
});

test('an archive in an archive stays one file', async () => {
  const inner = gzipSync(makeTarGz(good));
  const folder = await makeFolder();

  await unpackInto(folder, makeTarGz({ path: 'inner.tar.gz', body: inner }));

  await expectFile(join(folder, 'inner.tar.gz'), inner);
});

const whole = makeTar(good, { path: 'more.jsonl', body: makeContent(100_000) });
test.each([
  ['compressed data is cut', gzipSync(whole).subarray(0, -100)],
  ['gzip checksum is wrong', Buffer.concat([gzipSync(whole).subarray(0, -8), Buffer.alloc(8)])],
  ['second entry is cut', gzipSync(whole.subarray(0, 50_000))],
  ['end mark is missing', gzipSync(whole.subarray(0, -1024))],
  ['second header is damaged', gzipSync(Buffer.from(whole).fill(1, 1024, 1030))],
  ['content is folders only', makeTarGz({ path: 'empty/', type: 'Directory' })],
])('an archive is refused when its %s', async (_, archive) => {
  const folder = await makeFolder();

  const error = await failUnpack(folder, archive);

  expect(error).toMatchObject({ code: 'UNSAFE_ARCHIVE', retryable: false });
  expect(error.message).toContain('damaged');
  expect(await readdir(folder)).toEqual([]);
});

test('files that are there are not replaced, none of the others arrives, and the part is kept', async () => {
  const archive = makeTarGz({ path: 'a.txt', body: 'new' }, { path: 'b.txt', body: 'new' });
  const server = await serveArchive(archive);
  const folder = await makeFolder();
  await writeFile(join(folder, 'b.txt'), 'mine');

  const error = await failFetch(folder, server.url('/votes.tar.gz'), { unpack: true });

  expect(error.code).toBe('EXISTS');
  expect(error.message).toContain(join(folder, 'b.txt'));
  expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('mine');
  expect(await listFiles(folder)).toEqual(['b.txt', 'votes.tar.gz.part', 'votes.tar.gz.part.json']);

  const result = await fetchInto(folder, server.url('/votes.tar.gz'), {
    unpack: true,
    overwrite: true,
  });
  expect(result.resumedFromBytes).toBe(archive.length);
  expect(await readFile(join(folder, 'b.txt'), 'utf8')).toBe('new');
  expect(await listFiles(folder)).toEqual(['a.txt', 'b.txt']);
});

test('files beside those of the archive stay, also in its folders', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'parts'));
  await writeFile(join(folder, 'parts/mine.txt'), 'mine');

  await unpackInto(folder, makeTarGz({ path: 'parts/new.txt' }), { overwrite: true });

  expect(await listFiles(folder)).toEqual(['parts/mine.txt', 'parts/new.txt']);
});

test('what a killed call left half unpacked is removed', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'votes.tar.gz.part.unpacked/old'), { recursive: true });
  await writeFile(join(folder, 'votes.tar.gz.part.unpacked/old/half'), 'half');

  await unpackInto(folder, makeTarGz(good));

  expect(await listFiles(folder)).toEqual(['votes.jsonl']);
});

test('a call that is stopped while it unpacks keeps the part and nothing else', async () => {
  const server = await serveArchive(makeTarGz({ path: 'zeros', body: zeros }));
  const folder = await makeFolder();
  const controller = new AbortController();

  const error = await failFetch(folder, server.url('/votes.tar.gz'), {
    unpack: true,
    signal: controller.signal,
    onProgress: ({ phase }) => {
      if (phase === 'unpack') {
        controller.abort();
      }
    },
  });

  expect(error.code).toBe('ABORTED');
  expect(await listFiles(folder)).toEqual(['votes.tar.gz.part', 'votes.tar.gz.part.json']);
});

test('progress tells what has been unpacked', async () => {
  const archive = makeTar({ path: 'zeros', body: zeros });
  const seen: FetchProgress[] = [];

  await unpackInto(await makeFolder(), gzipSync(archive), {
    onProgress: (progress) => seen.push(progress),
  });

  const unpacked = seen.filter(({ phase }) => phase === 'unpack');
  expect(unpacked.at(-1)).toMatchObject({ unpackedBytes: archive.length });
  expect(unpacked.length).toBeGreaterThan(10);
});
