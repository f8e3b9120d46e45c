import { DuckDbWarehouse, readRows } from '@sluice/warehouse';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, onTestFinished, test } from 'vitest';

import type { ExportCell, ExportColumn, ExportTable } from '../../src/export/exported-table.ts';
import { writeParquet } from '../../src/export/write-parquet.ts';

const numbers = 46;
const rowCount = 25_000;
const batchRows = 3_000;
const firstMs = Date.parse('2025-10-25T22:00:00Z');
const columns: readonly ExportColumn[] = [
  column('key', 'text'),
  column('delivery_start', 'instant'),
  column('business_day', 'day'),
  column('revision', 'integer'),
  ...Array.from({ length: numbers }, (_, index) => column(`n${index}`, 'number')),
];

function column(name: string, kind: ExportColumn['kind']): ExportColumn {
  return { name, member: name, kind, isNullable: true };
}

function rowAt(row: number): readonly ExportCell[] {
  return [
    row % 7 === 0 ? null : `border_${row % 7}`,
    new Date(firstMs + row * 900_000),
    '2025-10-26',
    row,
    ...Array.from({ length: numbers }, (_, index) => ((row + index) % 5 === 0 ? null : row / 2)),
  ];
}

async function* batches(): ExportTable['batches'] {
  for (let first = 0; first < rowCount; first += batchRows) {
    const length = Math.min(batchRows, rowCount - first);
    yield await Promise.resolve(Array.from({ length }, (_, index) => rowAt(first + index)));
  }
}

test('rows are written group by group, and none is lost between two of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-parquet-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'x.parquet');
  const stream = createWriteStream(path);
  await writeParquet(stream, { columns, batches: batches() });
  stream.end();
  await finished(stream);

  const warehouse = await DuckDbWarehouse.open({
    path: join(folder, 'x.db'),
    access: 'write',
    lockTimeoutMs: 0,
  });
  onTestFinished(() => {
    warehouse.close();
  });
  const groups = await readRows(
    warehouse,
    `select distinct row_group_id::int, row_group_num_rows::int from parquet_metadata('${path}') order by 1`,
  );
  expect(groups.rows).toEqual([
    [0, 10_000],
    [1, 10_000],
    [2, 5_000],
  ]);
  const wrong = await readRows(
    warehouse,
    `select count(*)::int, count(*) filter (where
         key is distinct from case when revision % 7 <> 0 then 'border_' || revision % 7 end
         or epoch_ms(delivery_start) <> ${firstMs} + revision::bigint * 900000
         or business_day <> date '2025-10-26'
         or n0 is distinct from case when revision % 5 <> 0 then revision / 2 end
         or n45 is distinct from case when (revision + 45) % 5 <> 0 then revision / 2 end)::int,
       count(distinct revision)::int
     from read_parquet('${path}')`,
  );
  expect(wrong.rows).toEqual([[rowCount, 0, rowCount]]);
});
