import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { businessDayBounds } from '../../src/jao/business-day.ts';
import { parseAnyAnswer, parsePlainAnswer } from '../../src/jao/parse-day-answer.ts';
import { answer, assumedQuarterHourly, cell, day, hourly, parse, row, table } from './answers.ts';
import { hasDoubledNames, readByOracle, readingOf } from './oracle.ts';

const window = businessDayBounds(hourly, day);
const keys = ['border_AT_BE', 'border_BE_AT', 'border_DE_DK2_BigHub_DE', 'hub_AT'];

const plainNumber = fc.oneof(
  fc.integer({ min: -9999, max: 9999 }).map((value) => `${value}.0`),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.integer(), fc.stringMatching(/^[0-9]{1,20}$/))
    .map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom('-0', '-0.0', '0.1', '1E3', '5e-324', '2.2250738585072011e-308', '1e-400'),
  fc.constantFrom(
    '9007199254740993',
    '123456789012345678',
    '0.1234567890123456789',
    '999999999999999',
  ),
);
const plainValue = fc.oneof({ weight: 6, arbitrary: plainNumber }, fc.constant('null'));
const oddValue = fc.oneof(
  { weight: 4, arbitrary: plainValue },
  fc.constantFrom('"1,5"', '""', 'true', '{}', '[1,{"a":"]"}]', '1e400', '-1e999', '"\\"}"'),
);
const plainKey = fc.constantFrom(...keys);
const oddKey = fc.oneof(
  { weight: 4, arbitrary: plainKey },
  fc.constantFrom('__proto__', 'constructor', 'a~b/c', '', 'é', '\\u0000', '\\ud83d\\ude00', '\\n'),
  fc.constantFrom('b'.repeat(200), 'b'.repeat(201), 'border_AT_B\\u0045'),
);
const instant = (index: number) =>
  `"${new Date(window.startMs + index * 1_800_000).toISOString()}"`;
const time = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 23 }).map((hour) => instant(hour * 2)) },
  fc.integer({ min: -4, max: 52 }).map(instant),
  fc.constantFrom('null', '7', '"soon"', '"2026-04-20T02:00:00+02:00"', '"2026-04-20T00:00:00"'),
);
const id = fc.constantFrom('1', '9007199254740993', 'null', '"12"', '1.5');
const modified = fc.constantFrom('"2026-04-19T07:26:01.12"', 'null', '"2026-04-19T07:26:01Z"', '3');

const member = (name: string, value: string) => `"${name}":${value}`;

/** A row of JSON text; `space` stands between its parts. */
function rowOf(value: typeof plainValue, key: typeof plainKey, space: fc.Arbitrary<string>) {
  return fc
    .record(
      {
        id: id.map((text) => member('id', text)),
        time: time.map((text) => member('dateTimeUtc', text)),
        modified: modified.map((text) => member('lastModifiedOn', text)),
        cells: fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 6 }),
        shuffled: fc.nat(5),
        space,
      },
      { requiredKeys: ['time', 'cells', 'shuffled', 'space'] },
    )
    .map(({ cells, shuffled, space: between, ...fields }) => {
      const members = [
        ...[fields.id, fields.time, fields.modified].filter((text) => text !== undefined),
        ...cells.map(([name, text]) => member(name, text)),
      ];
      const rotated = [...members.slice(shuffled), ...members.slice(0, shuffled)];
      return `{${between}${rotated.join(`${between},${between}`)}${between}}`;
    });
}

const noSpace = fc.constant('');
const plainRow = rowOf(plainValue, plainKey, noSpace);
const oddRow = fc.oneof(
  { weight: 9, arbitrary: rowOf(oddValue, oddKey, fc.constantFrom('', '', ' ', '\n\t')) },
  fc.constantFrom('null', '7', '[]', '"{}"', '{}'),
);
const withRepeats = (rows: fc.Arbitrary<string>) =>
  fc
    .array(rows, { maxLength: 6 })
    .chain((some) => fc.shuffledSubarray([...some, ...some.slice(0, 2)]).map((kept) => kept));
const tail = fc.constantFrom(
  '"rejected":false,"messages":null',
  '"rejected":false,"messages":null,"totalRows":3,"totalRowsWithFilter":3',
  '"messages":[],"rejected":null,"new":{"data":[1]}',
  '"rejected":true,"messages":["no"]',
  '"rejected":"no"',
);
const document = (rows: fc.Arbitrary<string>) =>
  fc.tuple(withRepeats(rows), tail).map(([some, rest]) => `{"data":[${some.join(',')}],${rest}}`);

/**
 * None that can be written in two ways and break the contract in both: rows are compared by the text
 * of such cells, which the oracle does not know.
 */
const damagedValue = fc.oneof(
  { weight: 4, arbitrary: plainValue },
  fc.constantFrom('"1,5"', '""', 'true'),
);
const damagedRow = rowOf(damagedValue, oddKey, fc.constantFrom('', ' '));
/** A document with a character changed, lost or added, or an end cut off. */
const mutated = fc
  .tuple(
    document(fc.oneof(plainRow, damagedRow)),
    fc.nat(),
    fc.constantFrom(
      '"',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '.',
      '-',
      '+',
      'e',
      'E',
      '0',
      '9',
      'n',
      '\\',
      ' ',
    ),
    fc.nat(3),
  )
  .map(([text, place, character, how]) => {
    const at = place % text.length;
    const rest = [text.slice(at + 1), text.slice(at), text.slice(at + 1), ''][how] ?? '';
    return `${text.slice(0, at)}${how === 2 || how === 3 ? '' : character}${rest}`;
  });

function expectOneResult(text: string, contract = hourly): void {
  const plain = parsePlainAnswer(contract, day, text);
  const any = parseAnyAnswer(contract, day, text);
  if (plain !== undefined) {
    expect(plain).toEqual(any);
  }
  expect(parse(text, contract)).toEqual(any);
  const reading = readByOracle(text, {
    ...window,
    stepMs: contract.stepIsAssumed ? 900_000 : 3_600_000,
  });
  if (!hasDoubledNames(text)) {
    expect(readingOf(any)).toEqual(reading);
  }
}

describe('the fast way, the strict way and JSON.parse', () => {
  test('read rows as the service writes them alike, and the fast way reads them all', () => {
    fc.assert(
      fc.property(document(plainRow), (text) => {
        expectOneResult(text);
        expectOneResult(text, assumedQuarterHourly);
      }),
      { numRuns: 500 },
    );
    const rows = fc.array(plainRow, { maxLength: 6 });
    fc.assert(
      fc.property(rows, (some) => {
        expect(parsePlainAnswer(hourly, day, answer(...some))).toBeDefined();
      }),
    );
  });

  test('read any rows alike', () => {
    fc.assert(
      fc.property(document(fc.oneof(plainRow, oddRow)), (text) => {
        expectOneResult(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('read what is left of a damaged answer alike', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        expectOneResult(text);
      }),
      { numRuns: 3000 },
    );
  });

  test('read any text alike', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        expectOneResult(text.toWellFormed());
      }),
    );
  });
});

test('any bytes are a day or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(parse(bytes).kind).toBe('refused');
    }),
  );
});

test('a value is the double that its text stands for, to the last bit', () => {
  fc.assert(
    fc.property(plainNumber, (text) => {
      const parsed = table(answer(row(0, `"border_AT_BE":${text}`)));
      expect(cell(parsed, 0, 'border_AT_BE')).toBe(Number(text));
    }),
    { numRuns: 5000 },
  );
});

test('keys may come, go and change places from row to row', () => {
  const rows = [
    '"a":1,"b":2,"c":3',
    '"b":4,"a":5',
    '"a":6,"b":7,"c":8,"d":9',
    '"d":10',
    '"e":11,"a":12',
  ];
  const text = answer(...rows.map((cells, index) => row(index, cells)));
  expect(parsePlainAnswer(hourly, day, text)).toEqual(parseAnyAnswer(hourly, day, text));
  const parsed = table(text);
  expect(parsed.keys).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([0, 1, 2, 3, 4].map((index) => cell(parsed, index, 'a'))).toEqual([1, 5, 6, 'absent', 12]);
  expect([0, 1, 2, 3, 4].map((index) => cell(parsed, index, 'd'))).toEqual([
    'absent',
    'absent',
    9,
    10,
    'absent',
  ]);
});
