import type { ColumnType, TableShape } from '@sluice/schemas/expectations';

import type { CellText } from '../engines.ts';
import type { RandomSource } from './random-source.ts';

/**
 * Two columns of each type, so that columns can be compared; names that need their quotes, and such as
 * the SQL of checks gives to relations and to what it computes.
 */
export const oddColumns = {
  id: 'integer',
  i: 'integer',
  'J "j"': 'integer',
  d: 'double',
  e: 'double',
  s: 'text',
  select: 'text',
  b: 'boolean',
  day: 'date',
  'next day': 'date',
  ts: 'timestamp',
  't s': 'timestamp',
  at: 'instant',
  until: 'instant',
  t: 'integer',
  'sluice row': 'double',
  'Sluice Before': 'integer',
  'sluice rank': 'integer',
  'sluice place': 'date',
  'sluice later start': 'timestamp',
} as const satisfies Readonly<Record<string, ColumnType>>;

export const oddShape: TableShape = { columns: oddColumns, key: ['id'] };

/** Values that engines are known, or feared, to read differently; few, so that they meet. */
export const oddValues = {
  integer: [
    '0',
    '1',
    '-1',
    '2',
    '5',
    '8',
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
  ],
  double: [
    '0',
    '-0',
    '1',
    '0.1',
    '0.30000000000000004',
    '-2.5',
    'NaN',
    'Infinity',
    '-Infinity',
    '5e-324',
    '1.7976931348623157e308',
    '9007199254740993',
  ],
  text: [
    '',
    ' ',
    'a',
    'A',
    'b',
    'a ',
    'ab',
    'é',
    'e\u0301',
    'ß',
    'ss',
    'Z',
    'z',
    '日本',
    '😀',
    '🤦🏼‍♂️',
    'N/A',
    '%',
    '_',
    '\\',
    'a%b',
    'a_b',
    'a\\b',
    'a\nb',
    'a\r\n',
    '\n',
    '\t',
    "'",
    '"',
    '٣',
    '3',
    '12',
    '2024-02-29',
    '2023-02-29',
    '0000-01-01',
    '1.5e3',
    '-0',
    '007',
    '\u00a0',
    '\u2028',
    '\u{10ffff}',
    'null',
    'NULL',
    '1,2',
    'a@b.c',
    'http://a/b',
    '1.2.3.4',
    '{"a":1}',
    ' {"a" : {"a": [0.5e-3, -0]}, "b/~\\"\\\\": true}\n',
    '{"a":1,"\\u0061":2}',
    '{"a":null,"":[[[]]]}',
    '{"a":1,}',
    '[NaN]',
    '["\\ud800", 01]',
    '"\\ud83d\\ude00 \\u0000"',
    '[1e999,"S",{"V":"\\""}]',
  ],
  boolean: ['true', 'false'],
  date: [
    '2024-02-29',
    '2024-03-01',
    '1969-12-31',
    '0001-01-01',
    '9999-12-31',
    'infinity',
    '-infinity',
    '2024-03-31',
  ],
  timestamp: [
    '2024-02-29 00:00:00',
    '2024-02-29 23:59:59.999999',
    '1969-12-31 23:59:59.5',
    '0001-01-01 00:00:00',
    '9999-12-31 23:59:59',
    'infinity',
    '-infinity',
    '2024-03-31 01:30:00',
    '2024-03-01 00:00:00',
  ],
  instant: [
    '2024-02-29 00:00:00+00',
    '2024-02-29 01:00:00+01',
    '1969-12-31 23:59:59.5+00',
    '2024-10-27 02:30:00+02',
    '2024-10-27 02:30:00+01',
    'infinity',
    '-infinity',
    '0001-01-01 00:00:00+00',
    '2024-03-01 00:00:00+00',
  ],
} as const satisfies Readonly<Record<ColumnType, readonly string[]>>;

/** Rows of odd values, some of them as they are in `like`; one in five is null, and the key is unique. */
export function oddRows(random: RandomSource, like: readonly CellText[][] = []): CellText[][] {
  const count = random.pick([0, 1, 2, 12, 30]);
  const isFinite = random.chance(0.4);
  return Array.from({ length: count }, (_, index) =>
    Object.entries(oddColumns).map(([name, type], column) => {
      const same = like[index]?.[column];
      if (same !== undefined && random.chance(0.6)) {
        return same;
      }
      if (name === 'id') {
        return index === 3 ? '9007199254740995' : String(index);
      }
      const values = isFinite
        ? oddValues[type].filter((text) => !/nan|infinity|e308/i.test(text))
        : oddValues[type];
      return random.chance(0.2) ? null : random.pick<string>(values);
    }),
  );
}
