import type { QuarantineReason } from '@sluice/schemas';

import { addField, formatLine, removeField, setField, sourceOf } from './vote-line.ts';
import type { VoteLine } from './vote-line.ts';

/** Turns a good line into the text of a bad one. */
export type Defect = (line: VoteLine) => string;

/** The reasons whose defects are a matter of text, not of bytes. */
export type TextReason = Exclude<QuarantineReason, 'too_long' | 'bad_encoding'>;

const requiredFields = ['Id', 'PostId', 'VoteTypeId', 'CreationDate'] as const;

/** Texts that a lenient reader takes for integers; `007` is no JSON number, and no canonical text. */
const noIntegers = ['1.5', '1.0', '1e3', ' 12 ', '0x10', '007', '+1', '1_000', 'abc', 'true', ''];

/** What JSON holds without quotes and is no integer. */
const noIntegersInJson = ['1.5', '1.0', '1e3', 'true', '[1]', '{"value":1}'];

/** The limits of the contract, each passed by one; and what no 64 bits hold. */
const outOfRange = [
  ['Id', '0'],
  ['Id', '-1'],
  ['Id', '9223372036854775808'],
  ['PostId', '0'],
  ['PostId', '123456789012345678901234567890'],
  ['VoteTypeId', '0'],
  ['VoteTypeId', '32768'],
  ['UserId', '0'],
  ['UserId', '-2'],
  ['BountyAmount', '-1'],
  ['BountyAmount', '2147483648'],
] as const;

/** Days that no calendar has, and forms that a lenient reader takes. */
const badTimestamps = [
  '2021-02-29T00:00:00.000',
  '1900-02-29T00:00:00.000',
  '2021-04-31',
  '2021-13-01T00:00:00.000',
  '2021-00-10T00:00:00.000',
  '2021-1-2T00:00:00.000',
  '2021/09/04',
  '2021-W35-6',
  '2021-09-04 00:00:00.000',
  '2021-09-04T24:00:00.000',
  '2021-09-04T00:60:00.000',
  '2021-09-04T00:00:60.000',
  '2021-09-04T00:00:00.0000000',
  '2021-09-04T00:00:00.000+24:00',
  '0000-01-01T00:00:00.000',
  '12021-09-04T00:00:00.000',
  ' 2021-09-04',
  'epoch',
  'infinity',
  '',
];

const commonDefects = {
  missing_field: [
    ...requiredFields.map(
      (name): Defect =>
        (line) =>
          formatLine(removeField(line, name)),
    ),
    // Names are case sensitive.
    (line) => {
      const source = sourceOf(line, 'Id');
      return formatLine(addField(removeField(line, 'Id'), { name: 'id', source }));
    },
    (line) => formatLine({ ...line, fields: [] }),
  ],
  out_of_range: outOfRange.map(([name, integer]): Defect => (line) => {
    const { integerQuote } = line.layout;
    return formatLine(setField(line, { name, source: integerQuote + integer + integerQuote }));
  }),
  bad_timestamp: badTimestamps.map((text) => set('CreationDate', `"${text}"`)),
} as const satisfies Partial<Record<TextReason, readonly Defect[]>>;

const wrongTypeTexts = noIntegers.flatMap((text) => [
  set('PostId', `"${text}"`),
  set('UserId', `"${text}"`),
]);

/** Each way to break a line of JSON, by the reason it gives. */
export const jsonDefects: Readonly<Record<TextReason, readonly Defect[]>> = {
  ...commonDefects,
  missing_field: [
    ...commonDefects.missing_field,
    ...requiredFields.map((name) => set(name, 'null')),
  ],
  wrong_type: [
    ...wrongTypeTexts,
    ...noIntegersInJson.map((source) => set('VoteTypeId', source)),
    set('CreationDate', '20210904'),
  ],
  duplicate_key: [
    (line) => formatLine(addField(line, { name: 'Id', source: sourceOf(line, 'Id') })),
    add('PostId', '"1"'),
    add(String.raw`\u0049d`, '"1"'),
    (line) => formatLine(addField(addField(line, note('"a"')), note('"b"'))),
    add('Note', '{"a":1,"a":2}'),
  ],
  not_an_object: [
    (line) => `[${formatLine(line)}]`,
    (line) => JSON.stringify(formatLine(line)),
    ...['[]', '42', 'null', 'true', '"vote"'].map((text) => () => text),
  ],
  not_json: [
    // Cut where a value is expected: DuckDB's lenient reader then also loses the next line.
    ...requiredFields.map((name): Defect => (line) => {
      const text = formatLine(line);
      const key = line.layout.nameOf(name);
      return text.slice(0, text.indexOf(key) + key.length);
    }),
    (line) => formatLine(line).slice(0, -1),
    (line) => formatLine(line).slice(0, -5),
    (line) => `${formatLine(line).slice(0, -1)},}`,
    (line) => `${formatLine(line)}TRAILER`,
    (line) => `${formatLine(line)}\0`,
    (line) => formatLine(line) + formatLine(line),
    (line) => formatLine(line).replace(',', ' '),
    (line) => formatLine(line).replaceAll('"', "'"),
    (line) => formatLine(line).replaceAll(/"(\w+)":/g, '$1:'),
    ...['NaN', 'Infinity', '007', '+1', '0x10', '1.', ''].map((source) => set('PostId', source)),
    add('Note', '"a\tb"'),
    add('Note', String.raw`"\q"`),
    () => '{',
    () => 'Id,PostId,VoteTypeId,CreationDate',
  ],
};

/** Each way to break a row of XML, by the reason it gives. */
export const xmlDefects: Readonly<Record<TextReason, readonly Defect[]>> = {
  ...commonDefects,
  wrong_type: wrongTypeTexts,
  duplicate_key: [
    (line) => formatLine(addField(line, { name: 'Id', source: sourceOf(line, 'Id') })),
    add('PostId', '"1"'),
  ],
  not_an_object: [
    (line) => formatLine(line).replace('<row ', '<vote '),
    () => '  <comment Id="1" />',
  ],
  not_json: [
    (line) => formatLine(line).slice(0, -line.layout.lineEnd.length),
    (line) => formatLine(line).slice(0, -8),
    (line) => formatLine(line).replace('" ', ' '),
    set('PostId', '1'),
    set('PostId', `'1"`),
    add('Note', '"a & b"'),
    add('Note', '"a < b"'),
  ],
};

function set(name: string, source: string): Defect {
  return (line) => formatLine(setField(line, { name, source }));
}

function add(name: string, source: string): Defect {
  return (line) => formatLine(addField(line, { name, source }));
}

function note(source: string) {
  return { name: 'Note', source };
}
