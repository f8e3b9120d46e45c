import type { QuarantineReason } from '@sluice/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import type { StoredReject } from './checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from './vote-source.ts';

type Case = readonly [name: string, line: string | Buffer];

const bytes = (before: string, hex: string, after: string): Buffer =>
  Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]);
const withExtra = (hex: string): Buffer => bytes('{"Extra":"', hex, `",${voteSource().slice(1)}`);

const notJson: readonly Case[] = [
  ['a trailing comma', voteSource().replace(/\}$/, ',}')],
  ['NaN', voteSource({ BountyAmount: 'NaN' })],
  ['Infinity', voteSource({ BountyAmount: '-Infinity' })],
  ['two objects on a line', `${voteSource()}${voteSource({ Id: '"2"' })}`],
  ['two objects and a comma', `${voteSource()},${voteSource({ Id: '"2"' })}`],
  ['single quotes', voteSource().replaceAll('"', "'")],
  ['names without quotes', voteSource().replaceAll(/"(\w+)":/g, '$1:')],
  ['a comment behind', `${voteSource()} // good`],
  ['a comment within', voteSource().replace('{', '{/* good */')],
  ['a byte order mark in the middle of the file', `\uFEFF${voteSource()}`],
  ['a NUL behind', `${voteSource()}\0`],
  ['a NUL inside a string', voteSource({ Extra: '"a\0b"' })],
  ['NULs only, as a power cut leaves them', '\0'.repeat(300)],
  ['a raw tab inside a string', voteSource({ Extra: '"a\tb"' })],
  ['a raw carriage return inside a string', voteSource({ Extra: '"a\rb"' })],
  ['a leading zero', voteSource({ PostId: '007' })],
  ['a plus sign', voteSource({ PostId: '+7' })],
  ['hexadecimal', voteSource({ PostId: '0x10' })],
  ['digits in groups', voteSource({ PostId: '1_000' })],
  ['a bare dot', voteSource({ PostId: '1.' })],
  ['an unknown escape', voteSource({ Extra: String.raw`"\x41"` })],
  ['half an escape', voteSource({ Extra: String.raw`"\u00"` })],
  ['TRUE', voteSource({ Extra: 'TRUE' })],
  ['an escape sequence of a terminal', '\u001B[2J\u001B[31mred'],
  ['a line of CSV', '1,7,2,,2017-02-28T00:00:00.000,'],
  ['XML among JSON', '<row Id="1" PostId="7" VoteTypeId="2" CreationDate="2017-02-28" />'],
  ['a no-break space', '\u00A0'],
  ['text behind', `${voteSource()}TRAILER`],
  ['an opened array', `[${voteSource()}`],
];

const notAnObject: readonly Case[] = [
  ['an array', '[]'],
  ['a vote in an array', `[${voteSource()}]`],
  ['a string', '"a"'],
  ['a number', '12'],
  ['a number that no double holds', '1e400'],
  ['null', 'null'],
  ['true', 'true'],
  ['a vote as a string', JSON.stringify(voteSource())],
  ['an array among blanks', ' [ ] '],
];

const duplicateKey: readonly Case[] = [
  ['an equal value', voteSource().replace('{', '{"Id":"1",')],
  ['another value', voteSource().replace('{', '{"Id":"9",')],
  ['an escaped spelling', voteSource().replace('{', String.raw`{"I\u0064":"1",`)],
  ['an unknown field', voteSource().replace('{', '{"Extra":1,"Extra":1,')],
  ['an unknown field, with null', voteSource().replace('{', '{"Extra":null,"Extra":1,')],
  ['inside an unknown field', voteSource({ Extra: '{"a":1,"a":2}' })],
  ['deep inside an unknown field', voteSource({ Extra: '[{"b":[{"a":1,"\\u0061":2}]}]' })],
  ['__proto__', voteSource().replace('{', '{"__proto__":1,"__proto__":2,')],
  ['the empty name', voteSource().replace('{', '{"":1,"":2,')],
  ['a name with a NUL', voteSource().replace('{', String.raw`{"\u0000":1,"\u0000":2,`)],
  ['before a field is missing', '{"Id":"1","Id":"2"}'],
];

const missingField: readonly Case[] = [
  ['an empty object', '{}'],
  ['an unknown field only', '{"Extra":1}'],
  ...(['Id', 'PostId', 'VoteTypeId', 'CreationDate'] as const).flatMap((name): Case[] => [
    [`no ${name}`, voteSource({ [name]: undefined })],
    [`${name} null`, voteSource({ [name]: 'null' })],
  ]),
  ['an Id that is written id', voteSource({ Id: undefined, id: '"1"' })],
  ['an Id with a blank in its name', voteSource({ Id: undefined, 'Id ': '"1"' })],
  ['the fields inside another', `{"row":${voteSource()}}`],
];

const wrongType: readonly Case[] = [
  ...['1.0', '1.5', '1e3', '1E0', '-0.0', '1e400', 'true', 'false', '{}', '[]', '[1]'].map(
    (source): Case => [`PostId ${source}`, voteSource({ PostId: source })],
  ),
  ...[' 12 ', '0x10', '1_000', '', '1.0', '1e3', '007', '-', '+1', '१२', '１２', 'NaN', '1\\n'].map(
    (text): Case => [`Id "${text}"`, voteSource({ Id: `"${text}"` })],
  ),
  ['VoteTypeId true', voteSource({ VoteTypeId: 'true' })],
  ['UserId ""', voteSource({ UserId: '""' })],
  ['UserId "null"', voteSource({ UserId: '"null"' })],
  ['UserId false', voteSource({ UserId: 'false' })],
  ['BountyAmount 50.0', voteSource({ BountyAmount: '50.0' })],
  ['CreationDate as a number', voteSource({ CreationDate: '1488240000' })],
  ['CreationDate as an object', voteSource({ CreationDate: '{"$date":"2017-02-28"}' })],
  ['10,000 digits and a dot', voteSource({ PostId: `${'1'.repeat(10_000)}.0` })],
];

const outOfRange: readonly Case[] = [
  ...['0', '-0', '-1', '9223372036854775808', '-9223372036854775808', '1'.repeat(10_000)].flatMap(
    (integer): Case[] => [
      [`Id ${integer.slice(0, 30)}`, voteSource({ Id: integer })],
      [`PostId "${integer.slice(0, 30)}"`, voteSource({ PostId: `"${integer}"` })],
    ],
  ),
  ['VoteTypeId 0', voteSource({ VoteTypeId: '0' })],
  ['VoteTypeId 32768', voteSource({ VoteTypeId: '"32768"' })],
  ['UserId 0', voteSource({ UserId: '0' })],
  ['UserId -2', voteSource({ UserId: '"-2"' })],
  ['UserId 2^63', voteSource({ UserId: '9223372036854775808' })],
  ['BountyAmount -1', voteSource({ BountyAmount: '-1' })],
  ['BountyAmount 2^31', voteSource({ BountyAmount: '"2147483648"' })],
];

const badTimestamp: readonly Case[] = [
  '2022-1-2',
  '2022/05/04',
  '05/04/2022',
  'epoch',
  'infinity',
  '-infinity',
  '0044-03-15 (BC)',
  '12022-05-04',
  '0000-01-01',
  '-0001-01-01',
  '2022-05-04T24:00:00.000',
  '2022-05-04T23:59:60',
  '2022-05-04T23:60:00',
  '2022-05-04T00:00:00.0000000',
  '2022-05-04T00:00:00.',
  '2022-05-04T00:00:00,5',
  '2022-05-04T00:00',
  '2022-05-04T00',
  '2022-05-04T',
  '2022-05-04Z',
  '2022-05-04 00:00:00',
  '2022-05-04t00:00:00',
  '2022-05-04T00:00:00z',
  '2022-05-04T00:00:00+24:00',
  '2022-05-04T00:00:00+01:60',
  '2022-05-04T00:00:00+0100',
  '2022-05-04T00:00:00+01',
  '2022-05-04T00:00:00 Europe/Amsterdam',
  '2022-W18-3',
  '2022-124',
  '20220504',
  '2021-02-29',
  '1900-02-29',
  '2022-02-30',
  '2022-04-31T00:00:00.000',
  '2022-13-01',
  '2022-00-10',
  '2022-01-00',
  ' 2022-05-04',
  '2022-05-04 ',
  '2022-05-04\\n',
  '２０２２-05-04',
  '',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
].map((text) => [JSON.stringify(text), voteSource({ CreationDate: `"${text}"` })]);

const badEncoding: readonly Case[] = [
  ['0xff', withExtra('ff')],
  ['an overlong slash', withExtra('c0af')],
  ['an overlong NUL', withExtra('c080')],
  ['the first half of a surrogate pair', withExtra('eda080')],
  ['both halves of a surrogate pair', withExtra('eda080edb080')],
  ['a code point beyond U+10FFFF', withExtra('f4908080')],
  ['a cut character', withExtra('e282')],
  ['a character cut by the line’s end', bytes(voteSource(), 'f09f98', '')],
  ['a lone continuation byte', withExtra('80')],
  ['Latin-1', withExtra('e9')],
  ['a name that is no UTF-8', bytes('{"', 'ff', `":1,${voteSource().slice(1)}`)],
  ['no JSON either', Buffer.from('ff00fe', 'hex')],
];

const cases = Object.entries({
  not_json: notJson,
  not_an_object: notAnObject,
  duplicate_key: duplicateKey,
  missing_field: missingField,
  wrong_type: wrongType,
  out_of_range: outOfRange,
  bad_timestamp: badTimestamp,
  bad_encoding: badEncoding,
} satisfies Partial<Record<QuarantineReason, readonly Case[]>>).flatMap(([reason, lines]) =>
  lines.map(([name, line], index) => ({
    reason,
    name,
    line: Buffer.from(line),
    isBlankBefore: index % 3 === 0,
  })),
);

/** Every case between two good lines, some behind a blank one; the good Ids count from 1,001. */
const lines: Buffer[] = [Buffer.from(goodLine(1_000))];
const numbered = cases.map((entry, index) => {
  lines.push(...(entry.isBlankBefore ? [Buffer.from(' \t')] : []), entry.line);
  const lineNumber = lines.length;
  lines.push(Buffer.from(goodLine(1_001 + index)));
  return { ...entry, lineNumber };
});

describe.each([
  ['\n', fileOf(lines)],
  ['\r\n', Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\r\n')]))],
])('a line that breaks the contract, in a file with %j at the ends of its lines', (_, content) => {
  let warehouse: CheckedWarehouse;
  let rejects: Map<number, StoredReject>;

  beforeAll(async () => {
    warehouse = await CheckedWarehouse.create();
    await warehouse.ingestBytes(content);
    rejects = new Map((await warehouse.quarantine()).map((entry) => [entry.line, entry]));
  });

  afterAll(async () => {
    await warehouse.remove();
  });

  test.each(numbered)('$reason: $name', ({ reason, line, lineNumber }) => {
    const { path, message, raw, rawBase64, ...entry } = rejects.get(lineNumber) ?? {};
    expect(entry).toEqual({
      line: lineNumber,
      reason,
      rawBytes: line.length,
      rawSha256: null,
      state: 'open',
    });
    expect(path).toBe(`${warehouse.folder}/votes.jsonl`);
    expect(message).not.toBe('');
    expect(message?.length).toBeLessThan(300);
    const stored = reason === 'bad_encoding' ? rawBase64 : raw;
    expect(reason === 'bad_encoding' ? raw : rawBase64).toBeNull();
    expect(Buffer.from(stored ?? '', reason === 'bad_encoding' ? 'base64' : 'utf8')).toEqual(line);
  });

  test('costs none of its neighbours, and nothing else is in the table', async () => {
    expect(rejects.size).toBe(cases.length);
    expect(await warehouse.voteIds()).toEqual(
      Array.from({ length: cases.length + 1 }, (__, index) => String(1_000 + index)),
    );
  });
});

test('a line that is cut after any of its bytes goes to quarantine, and only it does', async () => {
  const warehouse = await CheckedWarehouse.create();
  try {
    const whole = Buffer.from(
      voteSource({ UserId: '"-1"', BountyAmount: '50', Größe: '{"a":[1,"✓"]}' }),
    );
    const cuts = Array.from({ length: whole.length - 1 }, (_, index) =>
      whole.subarray(0, index + 1),
    );
    const file = cuts.flatMap((cut, index) => [cut, goodLine(1_000 + index)]);
    await warehouse.ingestBytes(fileOf(file));
    const rejects = await warehouse.quarantine();
    expect(rejects.map((entry) => entry.line)).toEqual(cuts.map((__, index) => 1 + 2 * index));
    for (const [index, { reason, raw, rawBase64 }] of rejects.entries()) {
      const stored = raw === null ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw);
      expect(stored.equals(cuts[index] ?? Buffer.alloc(0)), `cut after ${index + 1}`).toBe(true);
      expect(['not_json', 'bad_encoding']).toContain(reason);
    }
    expect(await warehouse.voteIds()).toEqual(cuts.map((__, index) => String(1_000 + index)));
  } finally {
    await warehouse.remove();
  }
});
