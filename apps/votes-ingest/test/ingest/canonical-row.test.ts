import { parseVote } from '@sluice/schemas';
import type { Vote } from '@sluice/schemas';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CanonicalRow } from '../../src/ingest/canonical-row.ts';
import { readXmlRecord } from '../../src/ingest/xml-row.ts';

/** What the byte scanner makes of a row; undefined where it leaves it to the strict parser. */
function scan(text: string): Vote | undefined {
  const bytes = Buffer.from(`${text}\n${' '.repeat(64)}`);
  const row = new CanonicalRow();
  const end = row.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  if (end < 0) {
    return undefined;
  }
  expect(end, 'the position behind the newline').toBe(Buffer.byteLength(text) + 1);
  const { vote } = row;
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
  const record = readXmlRecord(text);
  const parsed = record !== undefined && 'fields' in record ? parseVote(record.fields) : undefined;
  return parsed !== undefined && 'vote' in parsed && parsed.unknownFields.length === 0
    ? parsed.vote
    : undefined;
}

const plain =
  '  <row Id="1" PostId="2" VoteTypeId="8" UserId="3" CreationDate="2014-01-21T00:00:00.000" BountyAmount="50" />';

describe('CanonicalRow', () => {
  test.each([
    ['as the dump writes it', plain],
    ['without blanks around it', plain.trim().replace(' />', '/>')],
    ['with a carriage return', `${plain}\r`],
    ['without what is optional', plain.replace(/ UserId="3"| BountyAmount="50"/g, '')],
    ['of a deleted user', plain.replace('"3"', '"-1"')],
    ['in another order', plain.replace('<row Id="1" PostId="2"', '<row PostId="2" Id="1"')],
    ['with a time of day', plain.replace('00:00:00.000', '23:59:59.5')],
  ])('reads a row %s, as the strict parser would', (_, text) => {
    expect(scan(text)).toEqual(parseStrictly(text));
    expect(scan(text)).not.toBeUndefined();
  });

  test.each([
    ['in single quotes', plain.replaceAll('"', "'")],
    ['with two blanks', plain.replace(' PostId', '  PostId')],
    ['with an unknown attribute', plain.replace(' PostId', ' Score="1" PostId')],
    ['with a doubled attribute', plain.replace(' PostId', ' Id="1" PostId')],
    ['that is not closed', plain.replace(' />', '>')],
    ['that is cut', plain.slice(0, -2)],
    ['with an entity', plain.replace('"1"', '"&#49;"')],
    ['without quotes', plain.replace('"1"', '1')],
    ['of another name', plain.replace('<row', '<rov')],
    ['with no PostId', plain.replace(' PostId="2"', '')],
    ['with text behind it', `${plain} x`],
    ['with a blank before the equals sign', plain.replace('Id=', 'Id =')],
  ])('leaves a row %s to the strict parser', (_, text) => {
    expect(scan(text)).toBeUndefined();
  });

  test('never reads what the strict parser reads otherwise', () => {
    const edit = fc.tuple(
      fc.nat(plain.length),
      fc.nat(3),
      fc.oneof(
        fc.constantFrom('"', ' ', '=', '/', '>', '<', '0', '9', '-', '&', 'Id="4"'),
        fc.string({ maxLength: 3 }),
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
        const text = edits
          .reduce(
            (row, [at, removed, added]) => row.slice(0, at) + added + row.slice(at + removed),
            plain,
          )
          .replaceAll('\n', '');
        const scanned = scan(text);
        if (scanned !== undefined) {
          expect(scanned).toEqual(parseStrictly(text));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
