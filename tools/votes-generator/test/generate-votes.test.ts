import { createHash } from 'node:crypto';

import { quarantineReasons } from '@sluice/schemas';
import { describe, expect, test } from 'vitest';

import { generateVotes } from '../src/index.ts';
import type { VotesOptions } from '../src/index.ts';
import { joinChunks, judgeLine, recordLines, splitLines } from './naive-loader.ts';

const mixed = {
  rows: 5000,
  seed: 42,
  duplicates: 0.05,
  conflicts: 0.03,
  badLines: { not_json: 0.02, missing_field: 0.02, bad_encoding: 0.01, out_of_range: 0.01 },
  unknownTypes: 0.01,
  unknownFields: 0.01,
} as const;

function fileOf(options: VotesOptions): Buffer {
  return joinChunks(generateVotes(options));
}

function textsOf(options: VotesOptions): string[] {
  return recordLines(fileOf(options), options.format).map((line) => line.toString('latin1'));
}

describe('determinism', () => {
  // Pinned: files are reproduced from their options, so a change of bytes has to be meant.
  test.each([
    [
      'a plain file',
      { rows: 5000, seed: 1 },
      'e18fbe01aaeb4905d875836f8d625590ca83ecff968c3f5a38337460c03b2909',
    ],
    ['a mixed file', mixed, 'be9d67e7865d2fa53932eaa8c186470924a11ff61583b52181eaa71c1ec18b94'],
    [
      'XML at random order',
      { ...mixed, format: 'xml', order: 'random' },
      '99021e8a4c8e7f6b53e4e52d2ca87e6ac9d038140acec3b92eaad1eeb792eec6',
    ],
  ] as const)('%s has the bytes it always had', (_, options, sha256) => {
    expect(createHash('sha256').update(fileOf(options)).digest('hex')).toBe(sha256);
  });

  test('the same options give the same bytes, another seed gives others', () => {
    expect(fileOf(mixed).equals(fileOf(mixed))).toBe(true);
    expect(fileOf(mixed).equals(fileOf({ ...mixed, seed: 43 }))).toBe(false);
  });
});

describe('slices of one stream', () => {
  test('files that overlap have the same lines where they do', () => {
    const first = textsOf({ ...mixed, rows: 1000 });
    const second = textsOf({ ...mixed, rows: 1000, firstRow: 900 });
    expect(second.slice(0, 100)).toEqual(first.slice(900));
    expect(new Set([...first, ...second]).size).toBeGreaterThan(1700);
  });

  test('files end to end are the whole', () => {
    const parts = [0, 1, 2, 3, 4].map((part) =>
      fileOf({ ...mixed, rows: 1000, firstRow: part * 1000 }),
    );
    expect(Buffer.concat(parts).equals(fileOf(mixed))).toBe(true);
  });

  test('a file longer than the default stream agrees with its parts when both name the stream', () => {
    const streamRows = 100_000;
    const options = { seed: 3, streamRows };
    const whole = textsOf({ ...options, rows: 60_000 });
    expect(textsOf({ ...options, rows: 100, firstRow: 59_900 })).toEqual(whole.slice(59_900));
  });
});

describe('random order', () => {
  test('has exactly the lines of the ascending file, in another order', () => {
    const ascending = textsOf(mixed);
    const random = textsOf({ ...mixed, order: 'random' });
    expect(random).not.toEqual(ascending);
    expect(random.toSorted()).toEqual(ascending.toSorted());
  });

  test('shuffles a part of a stream inside itself', () => {
    const part = { ...mixed, rows: 700, firstRow: 300 };
    expect(textsOf({ ...part, order: 'random' }).toSorted()).toEqual(textsOf(part).toSorted());
  });
});

describe('lines', () => {
  test('a duplicate repeats an earlier line byte for byte', () => {
    const texts = textsOf({ rows: 5000, seed: 1, duplicates: 0.1, unknownFields: 0.3 });
    const repeated = texts.length - new Set(texts).size;
    expect(repeated / texts.length).toBeCloseTo(0.1, 1);
    expect(new Set(texts.map((text) => JSON.stringify(JSON.parse(text)))).size).toBe(
      new Set(texts).size,
    );
  });

  test('a conflict has the Id of an earlier line and other columns', () => {
    const verdicts = recordLines(fileOf({ rows: 5000, seed: 1, conflicts: 0.1 })).map((line) =>
      judgeLine(line),
    );
    const ids = verdicts.map((verdict) => ('id' in verdict ? verdict.id : 0n));
    const columns = verdicts.map((verdict) => ('id' in verdict ? verdict.columns : ''));
    expect(new Set(columns).size).toBe(5000);
    expect((5000 - new Set(ids).size) / 5000).toBeCloseTo(0.1, 1);
  });

  test.each(quarantineReasons)('with a share of %s, no other reason occurs', (reason) => {
    const rows = reason === 'too_long' ? 200 : 2000;
    const badLines = { [reason]: reason === 'too_long' ? 0.02 : 0.2 };
    for (const format of ['jsonl', 'xml'] as const) {
      const verdicts = recordLines(fileOf({ rows, seed: 2, badLines, format }), format).map(
        (line) => judgeLine(line, format),
      );
      const reasons = verdicts.flatMap((verdict) => ('reason' in verdict ? verdict.reason : []));
      expect(verdicts).toHaveLength(rows);
      expect(new Set(reasons)).toEqual(new Set([reason]));
    }
  });

  test('values are strings, or numbers on demand', () => {
    const typesOf = (values: 'string' | 'number') =>
      new Set(
        textsOf({ rows: 300, seed: 1, values }).flatMap((text) =>
          Object.entries(JSON.parse(text) as Record<string, unknown>).map(
            ([name, value]) => `${name === 'CreationDate' ? 'date' : 'integer'} ${typeof value}`,
          ),
        ),
      );
    expect(typesOf('string')).toEqual(new Set(['integer string', 'date string']));
    expect(typesOf('number')).toEqual(new Set(['integer number', 'date string']));
  });
});

describe('the file around the lines', () => {
  test('LF ends every line, and there is no byte order mark', () => {
    const file = fileOf({ rows: 100, seed: 1 });
    expect(file.toString().match(/\n/g)).toHaveLength(100);
    expect(file.toString().startsWith('{')).toBe(true);
    expect(file.toString().endsWith('}\n')).toBe(true);
  });

  test('CR LF, a byte order mark and no final newline come on demand', () => {
    const options = { rows: 100, seed: 1, crlf: true, byteOrderMark: true, finalNewline: false };
    const text = fileOf(options).toString();
    expect(text.startsWith('\uFEFF{')).toBe(true);
    expect(text.match(/\r\n/g)).toHaveLength(99);
    expect(text.match(/\n/g)).toHaveLength(99);
    expect(text.endsWith('}')).toBe(true);
    expect(textsOf(options)).toEqual(textsOf({ rows: 100, seed: 1 }));
  });

  test('blank lines stand between the records and leave them as they are', () => {
    const options = { rows: 2000, seed: 1, blankLines: 0.1 };
    const lines = splitLines(fileOf(options)).map(String);
    const blank = lines.filter((line) => line.trim() === '');
    expect(blank.length / 2000).toBeCloseTo(0.1, 1);
    expect(new Set(blank)).toEqual(new Set(['', ' ', '\t', '    ']));
    expect(lines.filter((line) => line.trim() !== '')).toEqual(textsOf({ rows: 2000, seed: 1 }));
  });

  test('a record cut in its middle comes last on demand', () => {
    const lines = recordLines(fileOf({ rows: 10, seed: 1, badAtEnd: true, finalNewline: false }));
    expect(lines).toHaveLength(11);
    expect(lines.map((line) => 'reason' in judgeLine(line)).indexOf(true)).toBe(10);
  });

  test('XML is one document with a well-formed row on each line', () => {
    const lines = splitLines(fileOf({ rows: 500, seed: 1, format: 'xml' })).map(String);
    expect(lines.slice(0, 2)).toEqual(['<?xml version="1.0" encoding="utf-8"?>', '<votes>']);
    expect(lines.at(-1)).toBe('</votes>');
    const rows = lines.slice(2, -1);
    expect(rows).toHaveLength(500);
    expect(rows.every((row) => /^ {2}<row( [A-Z]\w+="[^"<&]+")+ \/>$/.test(row))).toBe(true);
  });

  test('XML and JSON of the same stream hold the same votes', () => {
    const options = { rows: 2000, seed: 9, conflicts: 0.1 };
    const json = recordLines(fileOf(options)).map((line) => judgeLine(line));
    const xml = recordLines(fileOf({ ...options, format: 'xml' }), 'xml');
    expect(xml.map((line) => judgeLine(line, 'xml'))).toEqual(json);
  });

  test('no rows make an empty file, or XML without rows', () => {
    expect(fileOf({ rows: 0, seed: 1, order: 'random' })).toHaveLength(0);
    expect(recordLines(fileOf({ rows: 0, seed: 1, format: 'xml' }), 'xml')).toEqual([]);
  });
});

describe('chunks', () => {
  test('are about a mebibyte each, and none is empty', () => {
    const options = { rows: 60_000, seed: 1, badLines: { too_long: 0.0001 } };
    const sizes = [...generateVotes(options)].map((chunk) => chunk.length);
    expect(sizes.length).toBeGreaterThan(5);
    expect(sizes.every((size) => size > 0 && size < 1.1 * 2 ** 20)).toBe(true);
  });

  test('wrong options throw before the first chunk is asked for', () => {
    expect(() => generateVotes({ rows: -1, seed: 1 })).toThrow(RangeError);
  });
});
