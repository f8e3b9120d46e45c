import { keptBytesOfLongLine, maxLineBytes } from '@sluice/schemas';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { runCli } from '../cli/cli-process.ts';
import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

/** A good line that an unknown field makes exactly so long. */
function lineOf(lengthBytes: number, id: number, filler = 'x'): Buffer {
  const [before = '', after = ''] = voteSource({ Id: `${id}`, Extra: '"#"' }).split('#');
  const fillBytes = lengthBytes - before.length - after.length;
  const count = Math.floor(fillBytes / Buffer.byteLength(filler));
  const rest = 'x'.repeat(fillBytes - count * Buffer.byteLength(filler));
  return Buffer.from(`${before}${rest}${filler.repeat(count)}${after}`);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(['\n', '\r\n'])('with %j at the end of a line', (lineEnd) => {
  const joined = (lines: readonly Uint8Array[]): Buffer =>
    Buffer.concat(lines.flatMap((line) => [line, Buffer.from(lineEnd)]));

  test('1 MiB is not too long, and one byte more is', async () => {
    const longest = lineOf(maxLineBytes, 2);
    const tooLong = lineOf(maxLineBytes + 1, 4);
    const farTooLong = lineOf(9 * maxLineBytes + 7, 6);
    const lines = [1, 3, 5, 7].map((id) => Buffer.from(goodLine(id)));
    const [one, three, five, seven] = lines;
    const file = [one, longest, three, tooLong, five, farTooLong, seven].flatMap(
      (line) => line ?? [],
    );
    expect(await warehouse.ingestBytes(joined(file))).toMatchObject({
      read: 7,
      accepted: 5,
      quarantined: 2,
    });
    expect(await warehouse.voteIds()).toEqual(['1', '2', '3', '5', '7']);
    expect(await warehouse.quarantine()).toMatchObject(
      [
        { line: 4, bytes: tooLong },
        { line: 6, bytes: farTooLong },
      ].map(({ line, bytes }) => ({
        line,
        reason: 'too_long',
        raw: bytes.subarray(0, keptBytesOfLongLine).toString('utf8'),
        rawBytes: bytes.length,
        rawSha256: sha256(bytes),
      })),
    );
  });

  test('a last line without one is measured the same', async () => {
    for (const [index, extra] of [0, 1].entries()) {
      const last = lineOf(maxLineBytes + extra, 10 + index);
      const file = Buffer.concat([joined([Buffer.from(goodLine(1))]), last]);
      const report = await warehouse.ingestBytes(file, { name: `${extra}.jsonl` });
      expect(report).toMatchObject({ read: 2, quarantined: extra });
    }
    expect(await warehouse.voteIds()).toEqual(['1', '10']);
  });
});

test('behind a byte order mark 1 MiB is not too long either', async () => {
  for (const [index, extra] of [0, 1].entries()) {
    const file = Buffer.concat([
      Buffer.from('\uFEFF'),
      fileOf([lineOf(maxLineBytes + extra, 10 + index), goodLine(1)]),
    ]);
    const report = await warehouse.ingestBytes(file, { name: `${extra}.jsonl` });
    expect(report).toMatchObject({ read: 2, quarantined: extra });
  }
});

test('a character is not cut where its line is, and what is no UTF-8 is kept as bytes', async () => {
  const filled = [0, 1, 2, 3].map((shift) => lineOf(maxLineBytes + 1 + shift, 2, '😀'));
  const broken = Buffer.from(lineOf(maxLineBytes + 1, 2));
  broken[100] = 0xff;
  await warehouse.ingestBytes(fileOf([goodLine(1), ...filled, broken]));
  const rejects = await warehouse.quarantine();
  for (const [index, line] of filled.entries()) {
    const kept = Buffer.from(rejects[index]?.raw ?? '');
    expect(kept.length).toBeGreaterThan(keptBytesOfLongLine - 4);
    expect(kept.equals(line.subarray(0, kept.length))).toBe(true);
  }
  expect(rejects[4]).toMatchObject({ reason: 'too_long', raw: null, rawBytes: broken.length });
  const kept = Buffer.from(rejects[4]?.rawBase64 ?? '', 'base64');
  expect(kept.equals(broken.subarray(0, keptBytesOfLongLine))).toBe(true);
});

test('blank lines of any length are no records', async () => {
  const blanks = [1, 3, 3, 9].map((megabytes) => ' \t\v\f'.repeat((megabytes * maxLineBytes) / 4));
  const report = await warehouse.ingestBytes(
    fileOf([goodLine(1), ...blanks, goodLine(2), `${' '.repeat(5 * maxLineBytes)}x`, 'bad']),
  );
  expect(report).toMatchObject({ read: 4, accepted: 2 });
  expect((await warehouse.quarantine()).map(({ line, reason }) => [line, reason])).toEqual([
    [7, 'too_long'],
    [8, 'not_json'],
  ]);
});

test('a first line behind a byte order mark is measured without it, however it is read', async () => {
  const line = lineOf(9 * maxLineBytes, 2);
  await warehouse.ingestBytes(Buffer.concat([Buffer.from('\uFEFF'), fileOf([line, goodLine(1)])]));
  expect(await warehouse.quarantine()).toMatchObject([
    { line: 1, rawBytes: line.length, rawSha256: sha256(line) },
  ]);
});

test('a line of 100 MB takes bounded memory, also out of 100 kB of gzip', async () => {
  const megabyte = 1_000_000;
  const path = join(warehouse.folder, '100.jsonl');
  const file = await open(path, 'w');
  await file.write(`${goodLine(1)}\n{"Extra":"`);
  for (let written = 0; written < 100; written++) {
    await file.write('x'.repeat(megabyte));
  }
  await file.write(`"}\n${goodLine(2)}\n`);
  await file.close();
  await warehouse.place(
    '100.jsonl.gz',
    gzipSync(`{"Extra":"${'x'.repeat(100 * megabyte)}"}\n${goodLine(3)}\n`, { level: 9 }),
  );
  const sayPeak = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + ' kB'))`;
  const ended = await runCli(['ingest', '100.jsonl', '100.jsonl.gz'], {
    cwd: warehouse.folder,
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(sayPeak)}`],
  });
  expect(ended.exitCode).toBe(0);
  const peak = Number(/peak (\d+) kB/.exec(ended.stderr)?.[1]);
  expect(peak).toBeLessThan(600_000);
  expect(await warehouse.voteIds()).toEqual(['1', '2', '3']);
  expect((await warehouse.quarantine()).map(({ line, rawBytes }) => [line, rawBytes])).toEqual([
    [2, 100 * megabyte + '{"Extra":""}'.length],
    [1, 100 * megabyte + '{"Extra":""}'.length],
  ]);
});
