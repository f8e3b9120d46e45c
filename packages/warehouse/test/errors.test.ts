import { expect, test } from 'vitest';

import { warehouseErrorFrom } from '../src/errors.ts';

test("a message keeps DuckDB's words, on one line and without its stack trace", () => {
  const cause = new Error(
    'INTERNAL Error: Failure while replaying WAL file "x.wal": no default database set\n' +
      'This error signals an assertion failure within DuckDB.\n\nStack Trace:\n\nlibduckdb.so(+0x1)',
  );
  const error = warehouseErrorFrom(cause, 'open warehouse x');
  expect(error).toMatchObject({
    code: 'DAMAGED',
    message:
      'open warehouse x: INTERNAL Error: Failure while replaying WAL file "x.wal": ' +
      'no default database set',
    cause,
  });
});

test('a message of a wrong statement keeps the lines that point at the place', () => {
  const cause = new Error('Parser Error: syntax error at or near "x"\n\nLINE 1: x\n        ^');
  expect(warehouseErrorFrom(cause, 'query').message).toBe(`query: ${cause.message}`);
});
