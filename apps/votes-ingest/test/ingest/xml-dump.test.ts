import type { QuarantineReason } from '@sluice/schemas';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import type { StoredVote } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

/** A row with the attributes of a good vote, some of them replaced, left out or added. */
function row(attributes: Readonly<Record<string, string | undefined>> = {}): string {
  const all: Record<string, string | undefined> = {
    Id: '1',
    PostId: '7',
    VoteTypeId: '2',
    CreationDate: '2017-02-28T00:00:00.000',
    ...attributes,
  };
  const written = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${value}"`],
  );
  return `  <row${written.join('')} />`;
}

const goodRow = (id: number): string => row({ Id: String(id) });
const dumpOf = (rows: readonly (string | Uint8Array)[]): Buffer =>
  fileOf(['<?xml version="1.0" encoding="utf-8"?>', '<votes>', ...rows, '</votes>']);

const goodColumns = {
  PostId: '7',
  VoteTypeId: 2,
  UserId: null,
  CreationDate: '2017-02-28 00:00:00',
  BountyAmount: null,
};

describe('a row that keeps the contract', () => {
  const cases: readonly (readonly [name: string, row: string, columns: Partial<StoredVote>])[] = [
    [
      'all attributes',
      row({ UserId: '-1', BountyAmount: '50' }),
      { UserId: '-1', BountyAmount: 50 },
    ],
    ['single quotes', row().replaceAll('"', "'"), {}],
    ['a single quote in double ones', row({ Extra: "it's" }), {}],
    ['no blank before its end', row().replace(' />', '/>'), {}],
    ['blanks and tabs', `\t${row().replaceAll('="', '\t =  "')} \t`, {}],
    ['an end tag', row().replace(' />', '></row>'), {}],
    ['entities', row({ Extra: '&lt;&amp;&gt;&quot;&apos;' }), {}],
    ['digits as character references', row({ PostId: '&#49;&#x32;' }), { PostId: '12' }],
    ['a name that JavaScript knows', row({ constructor: '1', ['__proto__']: '1' }), {}],
    ['2^63 - 1', row({ PostId: '9223372036854775807' }), { PostId: '9223372036854775807' }],
    [
      'an offset',
      row({ CreationDate: '2022-05-04T23:30:00.5-05:00' }),
      { CreationDate: '2022-05-05 04:30:00.5' },
    ],
    ['an undocumented type', row({ VoteTypeId: '13' }), { VoteTypeId: 13 }],
    ['a comment beside it', `<!-- good -->${row()}`, {}],
  ];

  test('is loaded', async () => {
    const rows = cases.map(([, text], index) =>
      text.replace(/Id(\s*=\s*)(["'])1\2/, `Id$1$2${100 + index}$2`),
    );
    expect(await warehouse.ingestBytes(dumpOf(rows))).toMatchObject({
      read: cases.length,
      accepted: cases.length,
    });
    for (const [index, vote] of (await warehouse.votes()).entries()) {
      const [name, , columns] = cases[index] ?? [];
      expect(vote, name).toEqual({ Id: String(100 + index), ...goodColumns, ...columns });
    }
    const { runs } = await warehouse.status();
    expect(runs[0]?.drift.map(({ value }) => value).sort()).toEqual(
      ['13', 'Extra', '__proto__', 'constructor'].sort(),
    );
  });
});

test('a row that breaks the contract goes to quarantine, and only it does', async () => {
  const cases: readonly (readonly [reason: QuarantineReason, row: string | Buffer])[] = [
    ['not_json', row().replace(' />', ' >')],
    ['not_json', row().replace(' />', '')],
    ['not_json', row().replace('"7"', '7')],
    ['not_json', row().replace('"7"', '"7')],
    ['not_json', row({ Extra: 'a & b' })],
    ['not_json', row({ Extra: '&nbsp;' })],
    ['not_json', row({ Extra: '<' })],
    ['not_json', row({ Extra: '&#0;' })],
    ['not_json', row({ Extra: '\u0001' })],
    ['not_json', row({ Extra: '\0' })],
    ['not_json', row({ '1x': '1' })],
    ['not_json', `${row()}TRAILER`],
    ['not_json', `${row()}${row({ Id: '2' })}`],
    ['not_json', row().replace('" PostId', '"PostId')],
    ['not_json', goodLine(1)],
    ['not_json', 'Id="1"'],
    ['not_json', '<!DOCTYPE votes [<!ENTITY a "1">]><row Id="&a;" />'],
    ['not_json', '\uFEFF<row Id="1" />'],
    ['not_an_object', row().replace('row', 'ROW')],
    ['not_an_object', row().replace('row', 'x:row')],
    ['not_an_object', '<votes><row Id="1" /></votes>'],
    ['not_an_object', row().replace(' />', '><row /></row>')],
    ['not_json', '<!-- a comment -->'],
    ['not_json', '\u00A0<row />'],
    ['duplicate_key', '<row __proto__="1" __proto__="2" />'],
    ['duplicate_key', row().replace('PostId', 'Id="1" PostId')],
    ['duplicate_key', row().replace('PostId', 'Id="2" PostId')],
    ['duplicate_key', row().replace('PostId', 'Extra="" Extra="" PostId')],
    ['missing_field', '<row />'],
    ['missing_field', row({ CreationDate: undefined })],
    ['missing_field', row({ Id: undefined, id: '1' })],
    ['wrong_type', row({ PostId: '' })],
    ['wrong_type', row({ PostId: ' 7' })],
    ['wrong_type', row({ PostId: '7.0' })],
    ['wrong_type', row({ PostId: '&#x0A;7' })],
    ['wrong_type', row({ UserId: 'null' })],
    ['out_of_range', row({ Id: '9223372036854775808' })],
    ['out_of_range', row({ UserId: '-2' })],
    ['bad_timestamp', row({ CreationDate: '2017-02-29' })],
    ['bad_encoding', Buffer.from(row({ Extra: 'é' }), 'latin1')],
  ];
  const lines = cases.flatMap(([, text], index) => [text, goodRow(1_000 + index)]);
  await warehouse.ingestBytes(dumpOf([goodRow(999), ...lines]));
  const rejects = await warehouse.quarantine();
  expect(rejects.map(({ line, reason }) => [line, reason])).toEqual(
    cases.map(([reason], index) => [4 + 2 * index, reason]),
  );
  for (const [index, { raw, rawBase64 }] of rejects.entries()) {
    const stored = raw === null ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw);
    expect(stored).toEqual(Buffer.from(cases[index]?.[1] ?? ''));
  }
  expect(await warehouse.voteIds()).toEqual(
    Array.from({ length: cases.length + 1 }, (_, index) => String(999 + index)),
  );
});

/** Places and ingests files in one run; gives what the report says of each. */
async function ingestAll(contents: readonly (string | Uint8Array)[]) {
  const inputs: string[] = [];
  for (const [index, content] of contents.entries()) {
    inputs.push(await warehouse.place(`${index}.xml`, content));
  }
  return (await warehouse.ingest(inputs)).report.files;
}

describe('a dump', () => {
  const rows = [goodRow(1), '', '  <row Id="x" />', goodRow(2)];
  const dump = dumpOf(rows);

  test('is read with and without what is around its rows, line by line', async () => {
    const forms: readonly (readonly [content: Buffer, badLine: number])[] = [
      [dump, 5],
      [Buffer.from(dump.toString().replaceAll('\n', '\r\n')), 5],
      [Buffer.concat([Buffer.from('\uFEFF'), dump]), 5],
      [gzipSync(dump), 5],
      [fileOf(['<votes>', ...rows, '</votes>']), 4],
      [fileOf(rows), 3],
      [fileOf(["<?xml version='1.0'?> <votes>", ...rows, '</votes>']), 4],
      [dump.subarray(0, -'</votes>\n'.length), 5],
    ];
    const reports = await ingestAll(forms.map(([content]) => content));
    for (const [index, report] of reports.entries()) {
      const [accepted, duplicate] = index === 0 ? [2, 0] : [0, 2];
      expect(report).toMatchObject({ outcome: 'ingested', read: 3, accepted, duplicate });
    }
    expect((await warehouse.quarantine()).map(({ line, reason }) => [line, reason])).toEqual(
      forms.map(([, badLine]) => [badLine, 'wrong_type']),
    );
  });

  test('cut in a row costs that row', async () => {
    const cut = dump.subarray(0, dump.indexOf('Id="2" Post') + 3);
    expect(await warehouse.ingestBytes(cut)).toMatchObject({
      read: 3,
      accepted: 1,
      quarantined: 2,
    });
  });

  test('that begins in the middle of a row costs that row', async () => {
    const rest = dump.subarray(dump.indexOf('PostId'));
    expect(await warehouse.ingestBytes(rest)).toMatchObject({
      read: 3,
      accepted: 1,
      quarantined: 2,
    });
    expect(await warehouse.quarantine()).toMatchObject([{ line: 1 }, { line: 3 }]);
  });

  test('may be empty', async () => {
    const declaration = '<?xml version="1.0"?>';
    const empty = [
      '<votes></votes>',
      '<votes/>',
      '<votes />\n',
      `${declaration}\n<votes>\n</votes>`,
    ];
    for (const report of await ingestAll(empty)) {
      expect(report).toMatchObject({ outcome: 'ingested', read: 0 });
    }
  });

  test('of something else is refused', async () => {
    const others = [
      fileOf([
        '<?xml version="1.0" encoding="utf-8"?>',
        '<posts>',
        '  <post Id="1" />',
        '</posts>',
      ]),
      fileOf(['<!DOCTYPE html>', '<html>', '<p>503', '</html>']),
    ];
    expect((await ingestAll(others)).map((report) => report.outcome)).toEqual([
      'refused',
      'refused',
    ]);
  });
});

test('a file of JSON may begin with a line of something else', async () => {
  const firstLines = ['<<<<<<< HEAD', '<html>', '<row Id="1"', '<votes>'];
  const reports = await ingestAll(
    firstLines.map((line) =>
      fileOf([line, goodLine(1), ` ${goodLine(2)}`, '<row Id="3" />', goodLine(4)]),
    ),
  );
  for (const { outcome, accepted, duplicate } of reports) {
    expect([outcome, accepted + duplicate]).toEqual(['ingested', 3]);
  }
  expect(await warehouse.voteIds()).toEqual(['1', '2', '4']);
});
