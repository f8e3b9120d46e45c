import type { AnyValue, ColumnType } from '@sluice/schemas/expectations';
import { expect, test } from 'vitest';

import { renderStatement } from '../../src/sql/sql.ts';
import { valueSql } from '../../src/sql/value-sql.ts';

test.each<[ColumnType, AnyValue, string, string]>([
  ['integer', 5, '5', '$1::bigint'],
  ['integer', -0, '0', '$1::bigint'],
  ['integer', 9_223_372_036_854_775_807n, '9223372036854775807', '$1::bigint'],
  ['double', 0.1, '0.1', '$1::float8'],
  ['double', Number.NaN, 'NaN', '$1::float8'],
  ['double', 1e21, '1e+21', '$1::float8'],
  ['text', `O'Neill"; drop table x; --`, `O'Neill"; drop table x; --`, '$1::text'],
  ['boolean', false, 'false', '$1::boolean'],
  ['date', '2024-02-29', '2024-02-29', '$1::date'],
  ['timestamp', '2024-02-29T10:30:00', '2024-02-29 10:30:00.000000', '$1::timestamp'],
  ['instant', '2024-02-29T10:30:00+02:00', '2024-02-29 08:30:00.000000+00', '$1::timestamptz'],
])('a value of type %s, %s, is sent as text', (type, value, text, placeholder) => {
  expect(renderStatement(valueSql(type, value))).toEqual({ text: placeholder, values: [text] });
});

test.each<[ColumnType, AnyValue]>([
  ['integer', 1.5],
  ['integer', 2 ** 53],
  ['integer', 2n ** 63n],
  ['integer', '1'],
  ['double', 1n],
  ['text', 'a\0b'],
  ['text', '\ud800'],
  ['text', 5],
  ['boolean', 'true'],
  ['date', '2024-02-30'],
  ['date', '2024-02-29T00:00:00'],
  ['timestamp', '2024-02-29T00:00:00Z'],
  ['instant', '2024-02-29T00:00:00'],
  ['instant', 'infinity'],
])('of type %s, %s is refused', (type, value) => {
  expect(() => valueSql(type, value)).toThrow(/no value of type|no date or time/);
});
