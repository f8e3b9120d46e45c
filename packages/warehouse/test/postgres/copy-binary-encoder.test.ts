import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CopyBinaryEncoder } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import { servers } from './databases.ts';

const columns = ['n', 'i2', 'i4', 'i8', 'f8', 'b', 'tz', 'ts', 'd', 't', 'by', 'u'];
/** What both Postgres and Date hold: 4713 BC is not needed. */
const firstMs = Date.UTC(1, 0, 1) - 1900 * 31_556_952_000;
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const nullable = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 5 });
const rowArbitrary = fc.record({
  i2: nullable(fc.integer({ min: -32_768, max: 32_767 })),
  i4: nullable(fc.integer()),
  i8: nullable(
    fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  ),
  f8: nullable(fc.double()),
  b: nullable(fc.boolean()),
  tz: nullable(fc.integer({ min: Math.max(firstMs, Date.UTC(1900, 0)), max: lastMs })),
  ts: nullable(fc.integer({ min: -1_000_000_000_000_000, max: 4_000_000_000_000_000 })),
  d: nullable(
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  ),
  t: nullable(
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.replaceAll('\0', '')),
  ),
  by: nullable(fc.uint8Array({ maxLength: 300 })),
  u: nullable(fc.uuid()),
});
type Row = typeof rowArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

function* encode(rows: readonly Row[], chunkBytes?: number): Generator<Buffer> {
  const encoder = new CopyBinaryEncoder(columns.length, chunkBytes);
  for (const [n, row] of rows.entries()) {
    encoder.row();
    encoder.int4(n);
    encoder.int2(row.i2);
    encoder.int4(row.i4);
    encoder.int8(row.i8);
    encoder.float8(row.f8);
    encoder.bool(row.b);
    encoder.timestamptz(row.tz);
    encoder.timestamp(row.ts);
    encoder.date(row.d);
    encoder.text(row.t);
    encoder.bytea(row.by);
    encoder.uuid(row.u);
    if (encoder.isFull) {
      yield encoder.take();
    }
  }
  yield encoder.finish();
}

/** As Postgres gives a row back: -0 stays -0, and each NaN is the same. */
function stored(row: Row, n: number): unknown {
  return {
    ...row,
    n,
    i8:
      typeof row.i8 === 'bigint' && Number.isSafeInteger(Number(row.i8)) ? Number(row.i8) : row.i8,
    tz: row.tz === null ? null : new Date(row.tz),
    by: row.by === null ? null : Buffer.from(row.by),
  };
}

describe.each(servers)('rows in the binary form of COPY on $label', (named) => {
  let db: PostgresDatabase;

  beforeAll(async () => {
    db = await openAs(await createTestDatabase(named.server), 'owner');
    await db.run(`create table public.t (n int, i2 int2, i4 int4, i8 int8, f8 float8, b bool,
      tz timestamptz, ts timestamp, d date, t text, by bytea, u uuid)`);
  });

  afterAll(async () => {
    await db.close();
  });

  async function load(rows: readonly Row[], chunkBytes?: number): Promise<unknown[]> {
    await db.run('truncate public.t');
    const count = await db.transaction((tx) =>
      tx.copyIn({ schema: 'public', table: 't' }, columns, encode(rows, chunkBytes)),
    );
    expect(count).toBe(rows.length);
    return db.query(
      `select n, i2, i4, i8, f8, b, tz, d::text as d, t, "by", u,
              (extract(epoch from ts) * 1000000)::int8 as ts
         from public.t order by n`,
    );
  }

  test('come back as they were, whatever the size of the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { maxLength: 60 }),
        fc.constantFrom(1, 100, 4_096, undefined),
        async (rows, chunkBytes) => {
          expect(await load(rows, chunkBytes)).toEqual(rows.map(stored));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('may be none, and may be many', async () => {
    expect(await load([])).toEqual([]);
    const [row] = fc.sample(rowArbitrary, 1);
    expect(await load(Array.from({ length: 5_000 }, () => row as Row))).toHaveLength(5_000);
  });

  test('that break a rule are refused as a whole', async () => {
    await db.run('truncate public.t');
    function* broken() {
      const encoder = new CopyBinaryEncoder(1);
      for (let n = 0; n < 100_000; n += 1) {
        encoder.row();
        encoder.int4(n);
        if (encoder.isFull) {
          yield encoder.take();
        }
      }
      encoder.row();
      encoder.int2(1);
      yield encoder.finish();
    }
    await expect(
      db.transaction((tx) => tx.copyIn({ schema: 'public', table: 't' }, ['n'], broken())),
    ).rejects.toMatchObject({ name: 'PostgresError', retryable: false, sqlState: '08P01' });
    expect(await db.row(z.object({ n: z.int() }), 'select count(*) as n from public.t')).toEqual({
      n: 0,
    });
  });

  test('whose source fails are refused as a whole, and the connection goes on', async () => {
    const one = await openAs({ name: 'x', url: () => db.url('owner') }, 'owner', { poolSize: 1 });
    function* failing() {
      const encoder = new CopyBinaryEncoder(1);
      encoder.row();
      encoder.int4(1);
      yield encoder.take();
      throw new Error('the source has failed');
    }
    await expect(
      one.transaction((tx) => tx.copyIn({ schema: 'public', table: 't' }, ['n'], failing())),
    ).rejects.toThrow('the source has failed');
    expect(await one.query('select 1 as one')).toEqual([{ one: 1 }]);
    await one.close();
  });
});

describe('an encoder', () => {
  const encoder = new CopyBinaryEncoder(1);

  test.each([
    [
      'a fraction',
      () => {
        encoder.int8(0.5);
      },
    ],
    [
      'a number that is not exact',
      () => {
        encoder.int8(2 ** 53);
      },
    ],
    [
      'an instant that is none',
      () => {
        encoder.timestamptz(Number.NaN);
      },
    ],
    [
      'a date that is none',
      () => {
        encoder.date('2024-02-30x');
      },
    ],
    [
      'a text with NUL',
      () => {
        encoder.text('a\0b');
      },
    ],
    [
      'a UUID that is none',
      () => {
        encoder.uuid('0190-xyz');
      },
    ],
  ])('refuses %s', (_, write) => {
    expect(write).toThrow(RangeError);
  });
});
