import { deliveryStarts, latestRowSchema } from '@sluice/schemas/jao';
import { DuckDbWarehouse, readRows } from '@sluice/warehouse';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { exportCommand } from '../../src/export/export-command.ts';
import type { ExportOptions } from '../../src/export/export-command.ts';
import { emptyHistory } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { fakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/netPos');
const now = new Date('2025-12-01T00:00:00Z');
/** The last day in hours, the first in quarters, and one of 25 hours. */
const period = { dataset: ['core/netPos'], from: '2025-09-30', to: '2025-10-26' };
const days = ['2025-09-30', '2025-10-01', '2025-10-26'];
const starts = days.flatMap((day) => deliveryStarts(contract, day));
const firstKnownMs = Date.parse('2025-09-29T15:00:00Z');
/** What a printer of numbers may get wrong. */
const oddValues = [0, 0.1, -1.5, 1e21, 123456789.123, 5e-324, 1.7976931348623157e308, 1 / 3, null];
let url = '';

function valueOf(index: number): number | null {
  return oddValues[index % oddValues.length] ?? null;
}

beforeAll(async () => {
  const { database, owner } = await createDatabaseWith(contract, {
    ...emptyHistory,
    keySets: days.map((day) => ({ day, knownFromMs: firstKnownMs, keys: ['hub_AT', '=hub,"B"'] })),
    versions: [
      ...starts.map((deliveryStartMs, index) => ({
        key: 'hub_AT',
        deliveryStartMs,
        knownFromMs: firstKnownMs,
        value: valueOf(index),
        withdrawn: false,
      })),
      // One value, then another, then none: the other key has this cell only.
      ...[7, 8, null].map((value, index) => ({
        key: '=hub,"B"',
        deliveryStartMs: starts[1] ?? 0,
        knownFromMs: firstKnownMs + index * 3_600_000,
        value,
        withdrawn: value === null,
      })),
    ],
  });
  await owner.close();
  url = database.url('reader');
});

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-export-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function run(options: Partial<ExportOptions> = {}) {
  const context = fakeContext({ flags: { databaseUrl: url }, now: () => now });
  const exitCode = await exportCommand(context, { ...period, out: '-', ...options });
  return { exitCode, printed: context.printed(), said: context.said() };
}

async function readParquet(path: string, sql: string) {
  const folder = await makeFolder();
  const warehouse = await DuckDbWarehouse.open({
    path: join(folder, 'x.db'),
    access: 'write',
    lockTimeoutMs: 0,
  });
  onTestFinished(() => {
    warehouse.close();
  });
  return readRows(warehouse, sql.replace('$file', `read_parquet('${path}')`));
}

describe('a long export', () => {
  test('as JSON is what its schema says, one object for each cell that there is', async () => {
    const { exitCode, printed } = await run({ format: 'json' });
    const document: unknown = JSON.parse(printed);
    const rows = z.array(latestRowSchema).parse(document);
    expect(rows).toEqual(document);
    expect(exitCode).toBe(0);
    expect(rows.map(({ value }) => value)).toEqual(starts.map((_, index) => valueOf(index)));
    expect(rows.map(({ deliveryStart }) => Date.parse(deliveryStart))).toEqual(starts);
    expect(rows[0]).toEqual({
      region: 'core',
      dataset: 'netPos',
      key: 'hub_AT',
      unit: 'MW',
      deliveryStart: '2025-09-29T22:00:00.000Z',
      deliveryEnd: '2025-09-29T23:00:00.000Z',
      businessDay: '2025-09-30',
      value: 0,
      knownFrom: '2025-09-29T15:00:00.000Z',
      revision: 1,
      vintage: 'observed',
    });
    expect(rows.at(-1)).toMatchObject({
      deliveryStart: '2025-10-26T22:45:00.000Z',
      deliveryEnd: '2025-10-26T23:00:00.000Z',
      businessDay: '2025-10-26',
    });
  });

  test('as of an earlier time has what was known then, under keys that are harmless in CSV', async () => {
    const asOf = new Date(firstKnownMs + 3_600_000).toISOString();
    const { printed } = await run({ asOf, key: ['=hub,"B"'] });
    expect(printed).toBe(
      'region,dataset,key,unit,delivery_start,delivery_end,business_day,value,known_from,revision,vintage\n' +
        `core,netPos,"'=hub,""B""",MW,2025-09-29T23:00:00.000Z,2025-09-30T00:00:00.000Z,2025-09-30,8,` +
        '2025-09-29T16:00:00.000Z,2,observed\n',
    );
  });

  test('as CSV has each number in its shortest form, and nothing for a null', async () => {
    const { printed } = await run();
    const cells = printed
      .trimEnd()
      .split('\n')
      .slice(1, 1 + oddValues.length)
      .map((line) => line.split(',')[7]);
    expect(cells).toEqual(oddValues.map((value) => (value === null ? '' : String(value))));
  });

  test('as Parquet has the types of the view and the same cells', async () => {
    const out = join(await makeFolder(), 'x.parquet');
    const { said } = await run({ out });
    expect(said).toContain(`wrote ${starts.length} rows`);
    const types = await readParquet(out, 'describe select * from $file');
    expect(types.rows.map(([name, type]) => [name, type])).toEqual([
      ['region', 'VARCHAR'],
      ['dataset', 'VARCHAR'],
      ['key', 'VARCHAR'],
      ['unit', 'VARCHAR'],
      ['delivery_start', 'TIMESTAMP WITH TIME ZONE'],
      ['delivery_end', 'TIMESTAMP WITH TIME ZONE'],
      ['business_day', 'DATE'],
      ['value', 'DOUBLE'],
      ['known_from', 'TIMESTAMP WITH TIME ZONE'],
      ['revision', 'INTEGER'],
      ['vintage', 'VARCHAR'],
    ]);
    const { rows } = await readParquet(
      out,
      `select key, epoch_ms(delivery_start), epoch_ms(delivery_end), business_day::varchar, value,
         epoch_ms(known_from), revision, vintage from $file`,
    );
    const { printed } = await run({ format: 'json' });
    const expected = z.array(latestRowSchema).parse(JSON.parse(printed));
    expect(
      rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))),
    ).toEqual(
      expected.map((cell) => [
        cell.key,
        Date.parse(cell.deliveryStart),
        Date.parse(cell.deliveryEnd),
        cell.businessDay,
        cell.value,
        Date.parse(cell.knownFrom),
        cell.revision,
        cell.vintage,
      ]),
    );
  });
});

describe('a wide export', () => {
  test('has a row for each delivery period, and a column for each key of the days', async () => {
    const asOf = new Date(firstKnownMs).toISOString();
    const { printed } = await run({ wide: true, asOf });
    const lines = printed.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + starts.length);
    expect(lines.slice(0, 3)).toEqual([
      `business_day,delivery_start,delivery_end,"'=hub,""B""",hub_AT`,
      '2025-09-30,2025-09-29T22:00:00.000Z,2025-09-29T23:00:00.000Z,,0',
      '2025-09-30,2025-09-29T23:00:00.000Z,2025-09-30T00:00:00.000Z,7,0.1',
    ]);
  });

  test('as JSON and as Parquet has the same cells', async () => {
    const { printed } = await run({ wide: true, format: 'json', key: ['hub_AT'] });
    const rows = z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(printed));
    expect(rows.map((row) => row['hub_AT'])).toEqual(starts.map((_, index) => valueOf(index)));
    const out = join(await makeFolder(), 'wide.parquet');
    await run({ wide: true, out, key: ['hub_AT'] });
    const parquet = await readParquet(out, 'select hub_AT from $file order by delivery_start');
    expect(parquet.rows.map(([value]) => value)).toEqual(rows.map((row) => row['hub_AT']));
  });

  test('has no column for a key that has nothing in these days, as it was known then', async () => {
    // Its only cell was taken back in the end.
    expect((await run({ wide: true })).printed).toMatch(
      /^business_day,delivery_start,delivery_end,hub_AT\n/,
    );
    const before = new Date(firstKnownMs).toISOString();
    const later = await run({ wide: true, asOf: before, from: '2025-10-01' });
    expect(later.printed).toMatch(/^business_day,delivery_start,delivery_end,hub_AT\n/);
  });

  test('has a column for each key that was asked for, and says which has nothing', async () => {
    const { exitCode, printed, said } = await run({ wide: true, key: ['hub_AT', '=hub,"B"'] });
    expect(printed).toContain(`delivery_end,hub_AT,"'=hub,""B"""\n`);
    expect(said).toBe(
      'jao-scraper: there is no value of =hub,"B" among what was asked for; see jao-scraper coverage\n',
    );
    expect(exitCode).toBe(0);
  });

  test('takes one dataset', async () => {
    await expect(
      run({ wide: true, dataset: ['core/netPos', 'core/maxExchanges'] }),
    ).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('an export of nothing', () => {
  const nothing = { from: '2025-10-03', to: '2025-10-04' };

  test('has a head, or is an empty document, and says so', async () => {
    const csv = await run(nothing);
    expect(csv.printed.split('\n')).toHaveLength(2);
    expect(csv.said).toContain('there is no value among what was asked for');
    expect((await run({ ...nothing, format: 'json' })).printed).toBe('[]\n');
  });

  test('of a key that is known is no error, and of one that is not is wrong usage', async () => {
    const known = await run({ key: ['=hub,"B"'], from: '2025-10-01' });
    expect(known).toMatchObject({
      exitCode: 0,
      said: 'jao-scraper: there is no value among what was asked for; see jao-scraper coverage\n',
    });
    expect(known.printed.split('\n')).toHaveLength(2);
    const out = join(await makeFolder(), 'x.csv');
    await expect(run({ key: ['hub_AT', 'hub_A'], out })).rejects.toThrow(
      expect.objectContaining({
        exitCode: 2,
        message:
          '--key: no answer of core/netPos that was stored ever had "hub_A" (did you mean hub_AT?)',
      }),
    );
    await expect(readFile(out)).rejects.toThrow('ENOENT');
    await expect(run({ dataset: ['core/netPoss'] })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('as Parquet is a file with columns and no rows', async () => {
    const out = join(await makeFolder(), 'x.parquet');
    await run({ ...nothing, out });
    const { rows } = await readParquet(out, 'select count(*)::int, count(value)::int from $file');
    expect(rows).toEqual([[0, 0]]);
  });
});

describe('the file', () => {
  test.each([
    ['x.xlsx', undefined, /must end in \.csv or \.json or \.parquet/],
    ['x.xlsx', 'csv', /must end in \.csv or \.json or \.parquet/],
    ['x.CSV', 'json', /--format json is not what \.csv says/],
    ['x.parquet', 'csv', /--format csv is not what \.parquet says/],
  ] as const)('%s with --format %s is wrong usage', async (name, format, message) => {
    const folder = await makeFolder();
    const options = format === undefined ? {} : { format };
    await expect(run({ out: join(folder, name), ...options })).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('may have no ending, or one in capitals', async () => {
    const folder = await makeFolder();
    await run({ out: join(folder, 'x.JSON') });
    await run({ out: join(folder, 'x'), format: 'json' });
    expect(await readFile(join(folder, 'x'))).toEqual(await readFile(join(folder, 'x.JSON')));
  });

  test('is replaced only where that is asked for, and leaves nothing beside it', async () => {
    const folder = await makeFolder();
    const out = join(folder, 'x.json');
    await writeFile(out, 'mine');
    await expect(run({ out })).rejects.toThrow(/it exists; --overwrite replaces it/);
    expect(await readFile(out, 'utf8')).toBe('mine');
    await run({ out, overwrite: true });
    expect(JSON.parse(await readFile(out, 'utf8'))).toHaveLength(starts.length);
    expect(await readdir(folder)).toEqual(['x.json']);
  });

  test('is refused before anything is read where it can not be', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'x.csv'));
    await expect(run({ out: join(folder, 'x.csv') })).rejects.toThrow(/it is a folder/);
    await expect(run({ out: join(folder, 'no', 'x.csv') })).rejects.toThrow(/there is no folder/);
  });

  test('that can not be written to fails the export, with a word on which', async () => {
    const out = join(await makeFolder(), 'x.csv');
    await symlink(`${out}/nowhere`, `${out}.${process.pid}.tmp`);
    await expect(run({ out })).rejects.toThrow(/^export to .*x\.csv: ENOENT/);
  });
});
