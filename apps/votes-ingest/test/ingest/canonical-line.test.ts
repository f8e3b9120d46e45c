import { parseVote } from '@sluice/schemas';
import type { Vote } from '@sluice/schemas';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CanonicalLine } from '../../src/ingest/canonical-line.ts';
import type { CanonicalVote } from '../../src/ingest/canonical-vote.ts';
import { readJsonRecord } from '../../src/ingest/strict-json.ts';

/** What the byte scanner makes of a line; undefined where it leaves it to the strict parser. */
function scan(text: string): Vote | undefined {
  const bytes = Buffer.concat([
    Buffer.from('~~~'),
    Buffer.from(`${text}\n`),
    Buffer.alloc(64, '}'),
  ]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const line = new CanonicalLine();
  const end = line.read(view, 3);
  if (end < 0) {
    return undefined;
  }
  expect(end, 'the position behind the newline').toBe(3 + Buffer.byteLength(text) + 1);
  return voteOf(line.vote);
}

function voteOf(vote: CanonicalVote): Vote {
  return {
    Id: BigInt(vote.id),
    PostId: BigInt(vote.postId),
    VoteTypeId: vote.voteTypeId,
    UserId: vote.userId === 0 ? null : BigInt(vote.userId),
    CreationDate: BigInt(vote.createdMicroseconds),
    BountyAmount: vote.bountyAmount < 0 ? null : vote.bountyAmount,
  };
}

function parseStrictly(text: string): Vote | undefined {
  const record = readJsonRecord(text);
  const parsed = 'fields' in record ? parseVote(record.fields) : undefined;
  const hasUnknown = parsed !== undefined && 'vote' in parsed && parsed.unknownFields.length > 0;
  return parsed !== undefined && 'vote' in parsed && !hasUnknown ? parsed.vote : undefined;
}

const plain =
  '{"Id":"1","PostId":"2","VoteTypeId":"5","UserId":"3","CreationDate":"2017-02-28T00:00:00.000","BountyAmount":"50"}';

describe('CanonicalLine', () => {
  test.each([
    ['strings', plain],
    ['numbers', plain.replaceAll(/"(\d+)"/g, '$1')],
    ['blanks behind colons and commas', plain.replaceAll(/([:,])"/g, '$1 "')],
    ['a carriage return', `${plain}\r`],
    ['nulls', plain.replace('"3"', 'null').replace('"50"', 'null')],
    ['a deleted user', plain.replace('"3"', '"-1"')],
    ['a time of day', plain.replace('00:00:00.000', '23:59:59.123456')],
    ['a time without a fraction', plain.replace('00:00:00.000', '23:59:59')],
    ['a date', plain.replace('T00:00:00.000', '')],
    ['a leap day', plain.replace('2017-02-28', '2020-02-29')],
    ['fifteen digits', plain.replace('"1"', '"999999999999999"')],
  ])('reads a line with %s itself, as the strict parser would', (_, text) => {
    expect(scan(text)).toEqual(parseStrictly(text.trimEnd()));
    expect(scan(text)).not.toBeUndefined();
  });

  test.each([
    ['a leading zero', plain.replace('"1"', '"01"')],
    ['zero as an Id', plain.replace('"1"', '"0"')],
    ['seventeen digits', plain.replace('"1"', '"12345678901234567"')],
    ['an unclosed string', plain.replace('"1"', '"1')],
    ['a doubled field', plain.replace('"PostId"', '"Id":"1","PostId"')],
    ['an unknown field', plain.replace('"PostId"', '"Extra":"1","PostId"')],
    ['no PostId', plain.replace('"PostId":"2",', '')],
    ['30 February', plain.replace('2017-02-28', '2017-02-30')],
    ['the year 1969', plain.replace('2017', '1969')],
    ['24 o’clock', plain.replace('T00', 'T24')],
    ['seven fractional digits', plain.replace('.000', '.0000000')],
    ['a dot and no fraction', plain.replace('.000', '.')],
    ['a zone', plain.replace('.000', '.000Z')],
    ['a trailing comma', plain.replace('"50"}', '"50",}')],
    ['two objects', `${plain}${plain}`],
    ['a blank at the end', `${plain} `],
    ['a tab', plain.replace(':', ':\t')],
    ['a type of five digits', plain.replace('"5"', '"32768"')],
    ['a bounty of 2^31', plain.replace('"50"', '"2147483648"')],
    ['a fraction', plain.replace('"1"', '1.0')],
    ['an exponent', plain.replace('"1"', '1e3')],
    ['lower-case names', plain.toLowerCase()],
  ])('leaves a line with %s to the strict parser', (_, text) => {
    expect(scan(text)).toBeUndefined();
  });

  test('never reads what the strict parser reads otherwise', () => {
    fc.assert(
      fc.property(mutatedLine, (text) => {
        const scanned = scan(text);
        if (scanned !== undefined) {
          expect(scanned).toEqual(parseStrictly(text.replace(/\r$/, '')));
        }
      }),
      { numRuns: 10_000 },
    );
  });

  test('reads every canonical line', () => {
    fc.assert(
      fc.property(canonicalLine, (text) => {
        expect(scan(text)).toEqual(parseStrictly(text));
        expect(scan(text)).not.toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('keeps the day of the line before only where it is the same', () => {
    const line = new CanonicalLine();
    for (const day of ['2020-01-02', '2020-01-03', '2020-11-03', '2020-01-02', '2120-01-02']) {
      const text = plain.replace('2017-02-28', day);
      const bytes = Buffer.from(`${text}\n${' '.repeat(64)}`);
      line.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
      expect(line.vote.createdMicroseconds).toBe(Date.parse(`${day}T00:00:00Z`) * 1000);
    }
  });
});

const id = fc.integer({ min: 1, max: 999_999_999_999_999 });
const value = (text: fc.Arbitrary<number | string>) =>
  fc
    .tuple(text, fc.boolean())
    .map(([given, isQuoted]) => (isQuoted || given === '-1' ? `"${given}"` : String(given)));
const canonicalFields = fc.record(
  {
    Id: value(id),
    PostId: value(id),
    VoteTypeId: value(fc.integer({ min: 1, max: 32_767 })),
    UserId: fc.oneof(value(fc.oneof(id, fc.constant('-1'))), fc.constant('null')),
    CreationDate: fc
      .date({ min: new Date('1970-01-01'), max: new Date('2250-12-31'), noInvalidDate: true })
      .chain((date) =>
        fc.constantFrom(
          `"${date.toISOString().slice(0, 10)}"`,
          `"${date.toISOString().slice(0, 19)}"`,
          `"${date.toISOString().slice(0, 23)}"`,
        ),
      ),
    BountyAmount: fc.oneof(value(fc.integer({ min: 0, max: 2 ** 31 - 1 })), fc.constant('null')),
  },
  { requiredKeys: ['Id', 'PostId', 'VoteTypeId', 'CreationDate'] },
);
const canonicalLine = fc
  .tuple(canonicalFields, fc.constantFrom('', ' '), fc.constantFrom('', ' '), fc.nat(719))
  .map(([fields, behindColon, behindComma, order]) => {
    const entries = Object.entries(fields).map(([name, text]) => `"${name}":${behindColon}${text}`);
    return `{${permute(entries, order).join(`,${behindComma}`)}}`;
  });

/** One of the orders that `items` can stand in, by its number. */
function permute(items: readonly string[], number: number): string[] {
  const left = [...items];
  let rest = number;
  return items.map((_, index) => {
    const choices = items.length - index;
    const [chosen = ''] = left.splice(rest % choices, 1);
    rest = Math.floor(rest / choices);
    return chosen;
  });
}
const mutatedLine = fc
  .tuple(
    canonicalLine,
    fc.array(
      fc.tuple(
        fc.nat(200),
        fc.nat(3),
        fc.oneof(
          fc.constantFrom(
            '"',
            ',',
            ':',
            '{',
            '}',
            '0',
            '-',
            ' ',
            'e',
            '.',
            '\\',
            '\r',
            'T',
            'null',
          ),
          fc.string({ maxLength: 3 }),
        ),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([line, edits]) =>
    edits.reduce(
      (text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed),
      line,
    ),
  )
  .filter((text) => !text.includes('\n'));
