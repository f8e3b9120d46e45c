import type { FileReport } from '@sluice/schemas';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import type { StoredReject } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

const mark = Buffer.from('\uFEFF');
/** A file of four records in five lines: three votes, and a bad one in line 4. */
const votesFrom = (id: number): Buffer =>
  fileOf([goodLine(id), '', goodLine(id + 1), 'bad', goodLine(id + 2)]);
const votes = votesFrom(1);
const withReturns = (content: Buffer): Buffer =>
  Buffer.from(content.toString().replaceAll('\n', '\r\n'));
const csv = (rows: number): string =>
  Array.from({ length: rows }, (_, row) => `${row},7,2,,2017-02-28,\n`).join('');
const asArray = (ids: readonly number[]): string =>
  `[${ids.map((id) => goodLine(id)).join(',\n')}]`;
const noObjects = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? '[]' : `\n${index},7`));

type Content = string | Uint8Array;

const votesFiles: readonly (readonly [name: string, change: (content: Buffer) => Content])[] = [
  ['as it should be', (content) => content],
  ['without a newline at its end', (content) => content.subarray(0, -1)],
  ['with CRLF', withReturns],
  ['with CRLF, cut before its last byte', (content) => withReturns(content).subarray(0, -1)],
  ['with a byte order mark', (content) => Buffer.concat([mark, content])],
  ['with a byte order mark and CRLF', (content) => Buffer.concat([mark, withReturns(content)])],
  ['in gzip, with a byte order mark', (content) => gzipSync(Buffer.concat([mark, content]))],
  ['in zstd, with CRLF', (content) => zstdCompressSync(withReturns(content))],
];
const emptyFiles: readonly (readonly [name: string, content: Content])[] = [
  ['nothing', ''],
  ['a newline', '\n'],
  ['blank lines', ' \n\t\r\n\r\n\v\f\n   '],
  ['a byte order mark', mark],
  ['a byte order mark and a newline', '\uFEFF\r\n'],
  ['nothing in gzip', gzipSync('')],
  ['nothing in zstd', zstdCompressSync('')],
];
const foreignFiles: readonly (readonly [name: string, content: Content, read?: number])[] = [
  ['CSV', csv(5_000), 1_000],
  ['a little CSV', csv(3), 3],
  ['1,000 other records before a vote', fileOf([...noObjects(1_000), goodLine(8_888)]), 1_000],
  ['one line that is cut', goodLine(1).slice(0, -1), 1],
  ['one line that is an array', `[${goodLine(1)}]`, 1],
  ['NULs', Buffer.alloc(10_000), 1],
  ['random bytes', Buffer.concat([Buffer.of(1), randomBytes(100_000)])],
  ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ['HTML', '<!DOCTYPE html>\n<html>\n<body>503</body>\n</html>\n', 4],
  ['CSV in gzip', gzipSync(csv(5_000)), 1_000],
];
const utf16 = Buffer.from(`\uFEFF${votes.toString()}`, 'utf16le');
const namedFiles: readonly (readonly [name: string, content: Content, words: string[]])[] = [
  ['UTF-16, little-endian', utf16, ['UTF-16', 'iconv']],
  ['UTF-16, big-endian', Buffer.from(utf16).swap16(), ['UTF-16', 'iconv']],
  ['UTF-16 without a mark', utf16.subarray(2), ['UTF-16', 'iconv']],
  ['big-endian without a mark', Buffer.from(utf16).swap16().subarray(2), ['UTF-16', 'iconv']],
  ['an array', asArray([1, 2, 3]), ['array', 'jq']],
  ['gzip in gzip', gzipSync(gzipSync(votes)), ['gzip']],
  ['a zip archive', Buffer.from('504b0304140000000800', 'hex'), ['zip']],
  ['xz', Buffer.from('fd377a585a000004e6d6b446', 'hex'), ['xz']],
  ['bzip2', Buffer.from('425a683931415926535973', 'hex'), ['bzip2']],
  ['Parquet', Buffer.from('5041523115041500', 'hex'), ['Parquet']],
];

describe('one run over odd files', () => {
  let warehouse: CheckedWarehouse;
  const reports = new Map<string, FileReport>();
  let rejects: StoredReject[];
  let exitCode: number;

  beforeAll(async () => {
    warehouse = await CheckedWarehouse.create();
    const contents = [
      ...votesFiles.map(
        ([name, change], index) => [name, change(votesFrom(1 + 3 * index))] as const,
      ),
      ...emptyFiles,
      ...foreignFiles,
      ...namedFiles,
    ];
    const inputs: string[] = [];
    for (const [name, content] of contents) {
      inputs.push(await warehouse.place(name, content));
    }
    const { report, exitCode: code } = await warehouse.ingest(inputs);
    for (const [index, file] of report.files.entries()) {
      reports.set(contents[index]?.[0] ?? '', file);
    }
    rejects = await warehouse.quarantine();
    exitCode = code;
  });

  afterAll(async () => {
    await warehouse.remove();
  });

  test.each(votesFiles)('loads a file %s, line by line', (name) => {
    const report = reports.get(name);
    expect(report).toMatchObject({ outcome: 'ingested', read: 4, accepted: 3, quarantined: 1 });
    expect(rejects.filter((entry) => entry.path === report?.path)).toMatchObject([
      { line: 4, raw: 'bad', rawBytes: 3 },
    ]);
  });

  test.each(emptyFiles)('takes a file of %s for one without records', (name, content) => {
    expect(reports.get(name)).toMatchObject({
      outcome: 'ingested',
      read: 0,
      bytes: Buffer.byteLength(content),
    });
  });

  test.each(foreignFiles.map(([name, , read]) => [name, read] as const))(
    'refuses %s',
    (name, read) => {
      const report = reports.get(name);
      expect(report).toMatchObject({ outcome: 'refused', accepted: 0, refused: 0 });
      expect(report?.sha256).not.toBeNull();
      expect(report?.read).toBe(read ?? report?.read);
      expect(report?.error).toContain('it is no file of votes');
      const own = rejects.filter((entry) => entry.path === report?.path);
      expect(own).toHaveLength(report?.quarantined ?? -1);
    },
  );

  test.each(namedFiles.map(([name, , words]) => [name, words] as const))(
    'refuses %s, and calls it by its name',
    (name, words) => {
      const report = reports.get(name);
      expect(report?.outcome).toBe('refused');
      expect(report?.error).toContain('it is no file of votes');
      for (const word of words) {
        expect(report?.error).toContain(word);
      }
    },
  );

  test('loads nothing but the votes', async () => {
    expect(exitCode).toBe(3);
    expect(await warehouse.voteIds()).toEqual(
      Array.from({ length: 3 * votesFiles.length }, (_, index) => `${index + 1}`),
    );
  });
});

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

test('a file may begin with 999 records that are no objects', async () => {
  expect(await warehouse.ingestBytes(fileOf([...noObjects(999), goodLine(1)]))).toMatchObject({
    outcome: 'ingested',
    read: 1_000,
    accepted: 1,
  });
});

describe('the same content', () => {
  test('is known in the same run, in a later one, and under another name', async () => {
    const [first, second] = [
      await warehouse.place('first.jsonl', votes),
      await warehouse.place('second', votes),
    ];
    const { report, exitCode } = await warehouse.ingest([first, first, second]);
    expect(report.files.map((file) => file.outcome)).toEqual([
      'ingested',
      'already_ingested',
      'already_ingested',
    ]);
    expect(report.totals).toMatchObject({ read: 4, accepted: 3, quarantined: 1 });
    expect(exitCode).toBe(0);
    const again = await warehouse.ingest([second]);
    expect(again.report.totals).toMatchObject({ read: 0, accepted: 0, quarantined: 0 });
    expect(again.report.files[0]).toMatchObject({
      outcome: 'already_ingested',
      bytes: votes.length,
    });
    expect(await warehouse.quarantine()).toHaveLength(1);
  });

  test('is new bytes where it is compressed: then all of it is duplicates', async () => {
    await warehouse.ingestBytes(votes, { name: 'votes.jsonl' });
    for (const packed of [gzipSync(votes), zstdCompressSync(votes)]) {
      expect(await warehouse.ingestBytes(packed, { name: 'votes.jsonl' })).toMatchObject({
        outcome: 'ingested',
        duplicate: 3,
        quarantined: 1,
      });
    }
  });

  test('of another size is not mistaken for it, nor is other content of its size', async () => {
    await warehouse.ingestBytes(fileOf([goodLine(1)]), { name: '1.jsonl' });
    expect(await warehouse.ingestBytes(fileOf([goodLine(2)]), { name: '1.jsonl' })).toMatchObject({
      outcome: 'ingested',
      accepted: 1,
    });
  });
});

test('the name of a file does not say what it is', async () => {
  const contents = [votes, gzipSync(votesFrom(4)), zstdCompressSync(votesFrom(7))];
  const inputs: string[] = [];
  for (const name of ['votes.jsonl', 'votes.gz', 'votes.zst', 'votes.xml', 'votes', 'votes.csv']) {
    for (const [index, content] of contents.entries()) {
      inputs.push(await warehouse.place(`${index}${name}`, content));
    }
  }
  const { report, exitCode } = await warehouse.ingest(inputs);
  expect(exitCode).toBe(0);
  expect(report.files.slice(3).every((file) => file.outcome === 'already_ingested')).toBe(true);
  expect(await warehouse.voteIds()).toHaveLength(9);
});

test('a file of no bytes is cut where its name says that it is compressed', async () => {
  const inputs = [
    await warehouse.place('empty.jsonl', ''),
    await warehouse.place('empty.jsonl.gz', ''),
    await warehouse.place('empty.xml.ZST', ''),
  ];
  const { report, exitCode } = await warehouse.ingest(inputs);
  expect(exitCode).toBe(3);
  expect(report.files.map((file) => file.outcome)).toEqual(['ingested', 'refused', 'refused']);
  expect(report.files[1]?.error).toContain('cut');
});

test('a name of any characters is on record as it is', async () => {
  const names = [
    'it\'s "quoted"; --.jsonl',
    'a\nb\t.jsonl',
    'Größe ✓ 😀',
    "'); drop table ops.file; --",
  ];
  const inputs: string[] = [];
  for (const [index, name] of names.entries()) {
    inputs.push(await warehouse.place(name, fileOf([goodLine(index + 1), 'bad'])));
  }
  const { report } = await warehouse.ingest(inputs);
  expect(report.files.map((file) => file.path)).toEqual(inputs);
  expect((await warehouse.quarantine()).map((entry) => entry.path)).toEqual(inputs);
});

test('a device that ends is read to its end, and what is no file of bytes is refused', async () => {
  const socket = join(warehouse.folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  try {
    const { report, exitCode } = await warehouse.ingest(['/dev/null', socket]);
    expect(report.files).toMatchObject([
      { path: '/dev/null', outcome: 'ingested', bytes: 0 },
      { path: socket, outcome: 'refused', sha256: null },
    ]);
    expect(report.files[1]?.error).toContain('it can not be read');
    expect(exitCode).toBe(3);
  } finally {
    server.close();
  }
});
