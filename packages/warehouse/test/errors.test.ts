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
      'no default database set; restore a backup, or move the warehouse away with all files of ' +
      'its name, and ingest everything again',
    cause,
  });
});

test('a message of a wrong statement keeps the lines that point at the place', () => {
  const cause = new Error('Parser Error: syntax error at or near "x"\n\nLINE 1: x\n        ^');
  expect(warehouseErrorFrom(cause, 'query').message).toBe(`query: ${cause.message}`);
});

test('a message of a full disk or memory says what to do, in words that our users know', () => {
  const full = new Error('IO Error: Could not write file "w.db": No space left on device');
  expect(warehouseErrorFrom(full, 'checkpoint')).toMatchObject({
    code: 'DISK_FULL',
    message: `checkpoint: ${full.message}; make room there`,
  });
  const memory = new Error(
    'Out of Memory Error: failed to offload data block of size 32.0 KiB (2.0 MiB/2.0 MiB used).\n' +
      "This limit was set by the 'max_temp_directory_size' setting.\n\nPossible solutions:\n* One",
  );
  expect(warehouseErrorFrom(memory, 'sort')).toMatchObject({
    code: 'OUT_OF_MEMORY',
    message:
      'sort: Out of Memory Error: failed to offload data block of size 32.0 KiB ' +
      '(2.0 MiB/2.0 MiB used); allow it more memory, or make room where it spills',
  });
});
