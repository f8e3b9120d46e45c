import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { ChunkAppender, chunkRows } from '../src/chunk-appender.ts';
import type { ColumnBuffer } from '../src/chunk-appender.ts';
import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Of several chunks. */
const batchRows = 3 * chunkRows;

async function openTable() {
  const warehouse = await DuckDbWarehouse.open({
    path: join(await temporaryFolder(), 'w.db'),
    access: 'write',
    lockTimeoutMs: 0,
  });
  onTestFinished(() => {
    warehouse.close();
  });
  await warehouse.run(
    'create table t (id bigint not null, small smallint, instant timestamp, amount integer)',
  );
  const id = new BigInt64Array(batchRows);
  const small = new Int16Array(batchRows);
  const at = new BigInt64Array(batchRows);
  const amount = new Int32Array(batchRows);
  const validity = new Uint8Array(batchRows / 8);
  const appender = await ChunkAppender.create(
    warehouse.connection,
    { schema: 'main', table: 't' },
    ['BIGINT', 'SMALLINT', 'TIMESTAMP', 'INTEGER'],
  );
  const columns: readonly ColumnBuffer[] = [
    { type: 'BIGINT', data: new Uint8Array(id.buffer) },
    { type: 'SMALLINT', data: new Uint8Array(small.buffer) },
    { type: 'TIMESTAMP', data: new Uint8Array(at.buffer) },
    { type: 'INTEGER', data: new Uint8Array(amount.buffer), validity },
  ];
  return { warehouse, appender, columns, id, small, at, amount, validity };
}

const rowSchema = z.object({
  id: z.union([z.int(), z.bigint()]),
  small: z.int(),
  at: z.string(),
  amount: z.int().nullable(),
});

test('appends batches of full and part-filled chunks, with nulls where there is no bit', async () => {
  const { warehouse, appender, columns, id, small, at, amount, validity } = await openTable();
  for (const [batch, rows] of [batchRows, chunkRows, chunkRows + 5].entries()) {
    const before = batch === 0 ? 0 : batchRows + (batch - 1) * chunkRows;
    validity.fill(0);
    for (let row = 0; row < rows; row++) {
      const n = before + row;
      id[row] = BigInt(n) + 2n ** 60n;
      small[row] = (n % 60_000) - 30_000;
      at[row] = BigInt(n) * 1_000_001n - 1n;
      amount[row] = -n;
      if (n % 3 === 0) {
        validity[row >>> 3] = (validity[row >>> 3] ?? 0) | (1 << (row & 7));
      }
    }
    appender.append(columns, rows);
  }
  appender.close();
  const wrong = await warehouse.row(
    z.object({ rows: z.int(), wrong: z.int() }),
    `with numbered as (select *, id - 1152921504606846976 as n from t)
     select count(*) as rows,
            count(*) filter (small <> n % 60000 - 30000 or epoch_us(instant) <> n * 1000001 - 1
                             or amount is distinct from if(n % 3 = 0, -n, null)) as wrong
       from numbered`,
  );
  expect(wrong).toEqual({ rows: batchRows + 2 * chunkRows + 5, wrong: 0 });
  expect(
    await warehouse.rows(
      rowSchema,
      'select id, small, instant::varchar as at, amount from t order by id limit 2',
    ),
  ).toEqual([
    { id: 2n ** 60n, small: -30_000, at: '1969-12-31 23:59:59.999999', amount: 0 },
    { id: 2n ** 60n + 1n, small: -29_999, at: '1970-01-01 00:00:01', amount: null },
  ]);
});

test('what was abandoned is gone with the rollback, also once it is collected', async () => {
  const { warehouse, appender, columns } = await openTable();
  await warehouse.run('begin transaction');
  appender.append(columns, 10);
  appender.abandon();
  await warehouse.rollback();
  const { rows } = await warehouse.row(
    z.object({ rows: z.int() }),
    'select count(*) as rows from t',
  );
  expect(rows).toBe(0);
});
